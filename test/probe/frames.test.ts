import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { FRAMES } from '../../src/evidence/probe/script-frames.ts';
import { presence, requirements } from './requirements.ts';

const SHELLS = [
  { program: 'dash', options: [] },
  { program: 'bash', options: ['--posix'] },
  { program: 'busybox', options: ['sh'] },
];

describe.each(SHELLS)('what is taken of a command in $program', ({ program, options }) => {
  const { missing, mustNotSkip } = requirements([program]);
  const run = (script: string) =>
    spawnSync(program, [...options, '-c', `${FRAMES}\n${script}\nprintf '%s|%s' "$status" "$text"`, 'sh', 'boundary'], {
      encoding: 'utf8',
    }).stdout;

  it.skipIf(missing.length > 0 && !mustNotSkip)(`is its words and its status${presence(missing)}`, () => {
    expect(run("say_it() { echo 'a:1'; return 7; }; take say_it")).toBe('7|a:1\n');
  });

  it.skipIf(missing.length > 0 && !mustNotSkip)(
    `is never taken for whole when its shell is killed${presence(missing)}`,
    () => {
      expect(run("take sh -c 'echo 0:0; kill -9 $PPID'")).toMatch(/^200\|0:0/);
    },
  );
});
