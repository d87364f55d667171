import type module from 'node:module';
import vm from 'node:vm';

export interface PartStore {
  /** Text of a part, Latin-1 only; undefined when there is none of that name. */
  readonly source: (name: string) => string | undefined;
  /** V8's code cache for it. One that doesn't fit (another processor, other V8 flags) is ignored by V8. */
  readonly cache: (name: string) => Buffer | undefined;
  readonly builtin: (name: string) => unknown;
  /** What the parts take for their own address. */
  readonly url: string;
  /** Told every script that was compiled. */
  readonly compiled?: (name: string, script: vm.Script) => void;
}

/** Built-in modules that take Node milliseconds to set up, and that many runs import but never use. */
const LATE: ReadonlySet<string> = new Set(['node:crypto']);

interface Part {
  exports: unknown;
}

type Body = (exports: unknown, require: (name: string) => unknown, part: Part, url: string) => void;

/** Runs the part `main.js`. Parts name each other as `./name.js`, or a package by the name that is imported. */
export function runParts(store: PartStore): void {
  const parts = new Map<string, Part>();
  let nodeModule: typeof module | undefined;

  const load = (name: string): unknown => {
    if (name === 'node:module') return moduleFor();
    const file = `${name.replace(/^\.\//, '').replace(/\.js$/, '').replaceAll('/', '__')}.js`;
    const known = parts.get(file);
    if (known !== undefined) return known.exports;
    const source = store.source(file);
    if (source === undefined) return LATE.has(name) ? whenUsed(() => store.builtin(name)) : store.builtin(name);
    const part: Part = { exports: {} };
    parts.set(file, part);
    const cachedData = store.cache(file);
    const script = new vm.Script(source, {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
      // What is imported by an address comes from outside of the executable.
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    store.compiled?.(file, script);
    const body: Body = script.runInThisContext();
    body(part.exports, load, part, store.url);
    return part.exports;
  };

  // A package that is loaded late by `createRequire(import.meta.url)(…)` is a part like the others.
  const moduleFor = (): typeof module => {
    if (nodeModule === undefined) {
      const real = store.builtin('node:module') as typeof module;
      const createRequire = ((from: string | URL) =>
        String(from) === store.url ? load : real.createRequire(from)) as typeof module.createRequire;
      const changed = Object.assign(Object.create(real), { createRequire, default: undefined });
      changed.default = changed;
      nodeModule = changed as typeof module;
    }
    return nodeModule;
  };

  load('./main.js');
}

/** Stands for a module that is loaded when something of it is first asked for. */
function whenUsed(load: () => unknown): unknown {
  let loaded: object | undefined;
  const target = (): object => {
    loaded ??= Object(load());
    return loaded ?? {};
  };
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(target(), key),
      has: (_, key) => Reflect.has(target(), key),
      ownKeys: () => Reflect.ownKeys(target()),
      getOwnPropertyDescriptor: (_, key) => {
        const found = Reflect.getOwnPropertyDescriptor(target(), key);
        return found === undefined ? undefined : { ...found, configurable: true };
      },
    },
  );
}
