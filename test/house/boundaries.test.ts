import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dig, listAt, textAt } from '../../src/evidence/json.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder('boundaries-');

/** A file in one place of the project, and what it says. */
type Place = readonly [path: string, source: string];

const REFUSED: readonly Place[] = [
  ['checks/a/check.ts', "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n"],
  ['checks/b/check.ts', "import WebSocket from 'ws';\nexport const a = WebSocket;\n"],
  ['checks/c/check.ts', "import { KubeConfig } from '@kubernetes/client-node';\nexport const a = KubeConfig;\n"],
  ['checks/d/check.ts', "export const a = () => import('yaml');\n"],
  ['checks/e/check.ts', "import a from '../svid-valid/check.ts';\nexport const b = a;\n"],
  ['checks/f/check.ts', "import { judge } from '../../src/doctor/judge.ts';\nexport const a = judge;\n"],
  ['checks/g/check.ts', "export { gatherLive } from '../../src/sources/live/gather.ts';\n"],
  ['checks/h/check.ts', "export const a = () => fetch('https://x');\n"],
  ['checks/i/check.ts', 'console.log(1);\n'],
  ['src/evidence/a.ts', "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n"],
  ['src/evidence/b.ts', 'export const a = () => setTimeout(() => 1, 1);\n'],
  ['src/evidence/c.ts', "export const a = () => import('yaml');\n"],
  ['src/doctor/a.ts', "import { gatherLive } from '../sources/live/gather.ts';\nexport const a = gatherLive;\n"],
  ['src/doctor/b.ts', 'export const a = process.argv;\n'],
  ['src/cli/a.ts', 'export const a = process.argv;\n'],
  ['src/cli/b.ts', "import process from 'node:process';\nexport const a = process.argv;\n"],
  ['src/cli/c.ts', "export const a = () => import('ws');\n"],
  [
    'src/report/a.ts',
    "import { KubeConfig } from '@kubernetes/client-node/dist/config.js';\nexport const a = KubeConfig;\n",
  ],
  ['src/sources/manifests/a.ts', "import WebSocket from 'ws';\nexport const a = WebSocket;\n"],
  ['src/sources/live/a.ts', "import process from 'node:process';\nexport const a = process.argv;\n"],
];

const ALLOWED: readonly Place[] = [
  [
    'checks/z/check.ts',
    "import { defineCheck } from '../../src/doctor/check.ts';\nimport { known } from '../../src/evidence/reading.ts';\nimport { MESSAGES } from './messages.ts';\nexport const a = [defineCheck, known, MESSAGES];\n",
  ],
  ['src/evidence/z.ts', "import { createHash } from 'node:crypto';\nexport const a = createHash;\n"],
  ['src/sources/live/z.ts', "import WebSocket from 'ws';\nexport const a = WebSocket;\n"],
  ['src/main.ts', "import process from 'node:process';\nexport const a = process.argv;\n"],
];

/** Paths of the files that the linter refuses. */
function refused(files: readonly Place[]): ReadonlySet<string> {
  const config: unknown = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  // The folder is no checkout, and its packages are not there.
  const bare = Object.assign({}, config, { vcs: { enabled: false }, $schema: undefined });
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(bare));
  for (const [path, source] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const { stdout } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'biome'),
    ['lint', '--reporter=json', '--max-diagnostics=none', '.'],
    { cwd: folder, encoding: 'utf8' },
  );
  const report: unknown = JSON.parse(stdout);
  const paths = listAt(dig(report, 'diagnostics')).map((one) => textAt(dig(one, 'location', 'path')) ?? '');
  return new Set(paths);
}

describe('the linter', () => {
  const found = refused([...REFUSED, ...ALLOWED]);

  it.each(REFUSED)('refuses in %s: %s', (path) => {
    expect(found).toContain(path);
  });

  it.each(ALLOWED)('has nothing against %s: %s', (path) => {
    expect(found).not.toContain(path);
  });
});

describe('what judges', () => {
  /** All files that judge, with the project's own as they are. */
  const files = ['checks', 'src/doctor', 'src/evidence'].flatMap((place) =>
    readdirSync(join(ROOT, place), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(place, name)),
  );

  it('never asks for the time, nor for chance', () => {
    expect(files.length).toBeGreaterThan(100);
    const asking = files.filter((file) =>
      /\bDate\.now\(|new Date\(\)|Math\.random\(|globalThis\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(asking).toEqual([]);
  });
});
