import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const name = `node-linux-${process.arch}`;
const onLinux = process.platform === 'linux';

test.skipIf(!onLinux)(
  `the Node that npm installs starts where there is no libatomic${onLinux ? '' : ' (skipped: only Linux wants it)'}`,
  () => {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    // The names of the libraries that the loader looks for are text in the file.
    const program = readFileSync(join(folder, 'bin/node'));
    expect(program.includes('libstdc++.so.6')).toBe(true);
    expect(program.includes('libatomic.so')).toBe(false);
  },
);
