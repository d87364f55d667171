// Runs the program from its parts with the words that follow two folders (parts, caches) and leaves V8's code cache of
// every part that was loaded, with the functions that have run so far: node make-code-cache.ts PARTS CACHES WORDS…
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import v8 from 'node:v8';
import type { Script } from 'node:vm';
import { runParts } from './run-parts.ts';

const [node = '', , parts = '', caches = '', ...words] = process.argv;
const compiled = new Map<string, Script>();
const read = (path: string) => (existsSync(path) ? readFileSync(path) : undefined);

// The collector would throw away what an earlier run has compiled and this one does not use. V8 takes and makes a cache
// for the flags of the moment: they are the executable's then, and the program sets none of its own.
const setFlags = v8.setFlagsFromString;
const keepCode = () => setFlags('--no-flush-bytecode');
const asExecutable = () => setFlags('--flush-bytecode');
v8.setFlagsFromString = () => {};
process.argv = [node, 'kubectl-haptic_spire', ...words];
process.on('exit', () => {
  asExecutable();
  for (const [name, script] of compiled) writeFileSync(join(caches, name), script.createCachedData());
});
runParts({
  source: (name) => read(join(parts, name))?.toString('latin1'),
  cache: (name) => {
    asExecutable();
    return read(join(caches, name));
  },
  builtin: createRequire(import.meta.url),
  // Files that ship with the program are found from here.
  url: import.meta.url,
  compiled: (name, script) => {
    if (script.cachedDataRejected) refused(name);
    compiled.set(name, script);
    keepCode();
  },
});

/** What an earlier run has left would be refused by the executable too. */
function refused(name: string): never {
  process.stderr.write(`V8 refuses the code cache of ${name}\n`);
  process.exit(70);
}
