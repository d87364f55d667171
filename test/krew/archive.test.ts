import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarGz, zip } from '../../krew/archive.ts';

const files = [
  { path: 'program', content: Buffer.alloc(1500, 'p'), executable: true },
  { path: 'LICENSE', content: Buffer.from('words'), executable: false },
];

describe('an archive', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'haptic-spire-archive-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    { kind: 'tar.gz', make: tarGz, command: 'tar', words: ['xzf'] },
    { kind: 'zip', make: zip, command: 'unzip', words: ['-q'] },
  ])('as $kind is unpacked by others to the same files and modes', async ({ kind, make, command, words }) => {
    writeFileSync(join(folder, `it.${kind}`), await make(files));
    const unpacked = spawnSync(command, [...words, `it.${kind}`], { cwd: folder, encoding: 'utf8' });
    expect(unpacked).toMatchObject({ status: 0, stderr: '' });
    for (const { path, content, executable } of files) {
      expect(readFileSync(join(folder, path))).toEqual(content);
      expect(statSync(join(folder, path)).mode & 0o777).toBe(executable ? 0o755 : 0o644);
    }
  });

  it('has the same bytes when it is made again', async () => {
    expect(await tarGz(files)).toEqual(await tarGz(files));
    expect(await zip(files)).toEqual(await zip(files));
  });
});
