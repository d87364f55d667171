// Runs the program from its parts with the words that follow two folders (parts, caches) and leaves V8's code cache of
// every part that was loaded, with the functions that have run so far: node make-code-cache.ts PARTS CACHES WORDS…
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { runParts } from './run-parts.ts';

const [node = '', , parts = '', caches = '', ...words] = process.argv;
const compiled = new Map<string, Script>();
const read = (path: string) => (existsSync(path) ? readFileSync(path) : undefined);

process.argv = [node, 'kubectl-haptic_spire', ...words];
process.on('exit', () => {
  for (const [name, script] of compiled) writeFileSync(join(caches, name), script.createCachedData());
});
runParts({
  source: (name) => read(join(parts, name))?.toString('latin1'),
  cache: (name) => read(join(caches, name)),
  builtin: createRequire(import.meta.url),
  // Files that ship with the program are found from here.
  url: import.meta.url,
  compiled: (name, script) => compiled.set(name, script),
});
