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
const LATE: ReadonlySet<string> = new Set([
  'node:child_process',
  'node:crypto',
  'node:dns',
  'node:fs/promises',
  'node:tty',
  'node:v8',
  'node:zlib',
]);

interface Part {
  exports: unknown;
}

type Body = (exports: unknown, require: (name: string) => unknown, part: Part, url: string) => void;

/** Runs the part `main.js`. Parts name each other as `./name.js`; every other name is a built-in module's. */
export function runParts(store: PartStore): void {
  const parts = new Map<string, Part>();

  const load = (name: string): unknown => {
    if (!name.startsWith('./')) return LATE.has(name) ? whenUsed(() => store.builtin(name)) : store.builtin(name);
    const file = name.slice('./'.length);
    const known = parts.get(file);
    if (known !== undefined) return known.exports;
    const source = store.source(file);
    if (source === undefined) throw new Error(`there is no part ${file}`);
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
    part.exports = withoutGetters(part.exports);
    return part.exports;
  };

  load('./main.js');
}

/**
 * What a part exports as plain properties: the bundler's are getters that call getters, and every use of a function of
 * another part would go through two of them. No module inside changes an export after it has run.
 */
function withoutGetters(exports: unknown): unknown {
  return typeof exports === 'object' && exports !== null && '__esModule' in exports ? { ...exports } : exports;
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
