import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Typed {
  /** Words that each call of kubectl got, in order. */
  readonly calls: readonly (readonly string[])[];
  /** Files that the commands made. */
  readonly made: readonly string[];
  readonly complaints: string;
  readonly status: number | null;
}

/** What a POSIX shell makes of these lines, in an empty folder where `kubectl` only tells which words it got. */
export function typed(lines: readonly string[]): Typed {
  const folder = mkdtempSync(join(tmpdir(), 'typed-'));
  const work = mkdtempSync(join(tmpdir(), 'typed-in-'));
  try {
    const script = join(folder, 'script');
    writeFileSync(script, `kubectl() { printf '%s\\0' "$@"; printf '\\001\\0'; }\n${lines.join('\n')}\n`);
    const { stdout, stderr, status } = spawnSync('/bin/sh', [script], {
      cwd: work,
      env: { PATH: '/usr/bin:/bin', HOME: work },
      maxBuffer: 2 ** 26,
    });
    const words = stdout.toString('utf8').split('\0');
    const calls: string[][] = [];
    let call: string[] = [];
    for (const word of words.slice(0, -1)) {
      if (word === '\u0001') {
        calls.push(call);
        call = [];
      } else call.push(word);
    }
    return { calls, made: readdirSync(work), complaints: stderr.toString('utf8'), status };
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(work, { recursive: true });
  }
}
