// The script inside the executable: it finds the program's parts beside it and runs the first one. Each part is a
// CommonJS module that is compiled when it is first asked for, from V8's code cache where one was made.
import module from 'node:module';
import sea from 'node:sea';
import { pathToFileURL } from 'node:url';
import { runParts } from './run-parts.ts';

const kept = new Set(sea.getAssetKeys());

runParts({
  source: (name) => {
    const key = `part/${name}`;
    return kept.has(key) ? Buffer.from(sea.getRawAsset(key)).toString('latin1') : undefined;
  },
  cache: (name) => {
    const key = `cache/${name}`;
    return kept.has(key) ? Buffer.from(sea.getRawAsset(key)) : undefined;
  },
  builtin: (name) => module.createRequire(process.execPath)(name),
  url: pathToFileURL(process.execPath).href,
});
