import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Metafile, type Plugin, transform } from 'esbuild';
import { changingExports } from './live-bindings.ts';

/** The repository, without a slash at its end. */
export const root: string = join(import.meta.dirname, '..');

/** The least that the npm package runs on: 20.12 brought `node:sea` and `styleText`. */
export const OLDEST_NODE = 'node20.12';

/** The oldest Node in an executable. */
const OLDEST_RUNTIME = 'node24';

export interface Bundle {
  /** Part name (`main.js`) → text of a function expression, ASCII only. */
  readonly parts: ReadonlyMap<string, string>;
  /** The SEA main script. */
  readonly loader: string;
  /** Folders of the packages of which something is inside, from the root (`node_modules/ws`). */
  readonly packages: readonly string[];
}

/** Makes few, minified parts of the program; what is imported lazily stays in a part of its own. */
export async function bundle(version: string): Promise<Bundle> {
  const result = await buildParts(version, {
    target: OLDEST_RUNTIME,
    charset: 'ascii',
    define: { 'import.meta.url': '__url' },
  });
  await refuseLiveBindings(result.metafile);
  const parts = new Map<string, string>();
  for (const { path, text } of result.outputFiles.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    parts.set(basename(path), await partOf(text, result.metafile, basename(path)));
  }
  return { parts, loader: await bundleLoader(), packages: packagesIn(result.metafile) };
}

/** ES modules in memory, the program's own in `main.js`. */
function buildParts(version: string, own: BuildOptions): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    ...own,
    absWorkingDir: root,
    entryPoints: [{ in: 'src/main.ts', out: 'main' }],
    outdir: 'parts',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    minify: true,
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    plugins: [
      packageJson(version),
      withoutChildProcess,
      withLateChildProcess,
      withoutModels,
      withLateSocks,
      ...(own.plugins ?? []),
    ],
    logLevel: 'error',
  });
}

/** `runParts` gives the values of exports on, not the bindings. */
async function refuseLiveBindings(metafile: Metafile): Promise<void> {
  for (const [path, { format }] of Object.entries(metafile.inputs)) {
    // Stand-ins of the plug-ins below have no file.
    const isFile = existsSync(join(root, path));
    const names = format === 'esm' && isFile ? changingExports(await readFile(join(root, path), 'utf8')) : [];
    if (names.length > 0) throw new Error(`${path} changes what it exports: ${names.join(', ')}`);
  }
}

async function partOf(text: string, metafile: Metafile, name: string): Promise<string> {
  const imports = metafile.outputs[`parts/${name}`]?.imports ?? [];
  const lazy = new Set(imports.filter((one) => one.kind === 'dynamic-import' && !one.external).map(({ path }) => path));
  let body = text;
  for (const path of lazy) {
    const call = `import("./${basename(path)}")`;
    if (!body.includes(call)) throw new Error(`${name} imports ${path} in a way that is not foreseen`);
    body = body.replaceAll(call, `Promise.resolve().then(()=>require("./${basename(path)}"))`);
  }
  const { code } = await transform(body, {
    format: 'cjs',
    platform: 'node',
    target: OLDEST_RUNTIME,
    minify: true,
    charset: 'ascii',
  });
  // Regular expressions keep theirs. Text in one byte per character is read faster.
  const ascii = code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `(function(exports,require,module,__url){${ascii}})`;
}

/** The program for any Node of the engine that package.json states, by file name; `main.js` starts it. */
export async function bundleForNode(version: string): Promise<Pick<Bundle, 'parts' | 'packages'>> {
  const result = await buildParts(version, {
    target: OLDEST_NODE,
    inject: ['krew/older-node.ts'],
    // CommonJS packages ask for built-in modules with it.
    banner: { js: "import{createRequire as __from}from'node:module';const require=__from(import.meta.url);" },
    plugins: [withoutStaticZlib],
  });
  const parts = result.outputFiles.map(({ path, text }) => [basename(path), text] as const);
  return { parts: new Map(parts), packages: packagesIn(result.metafile) };
}

/** The script inside an executable that finds and runs the parts. */
export async function bundleLoader(): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['krew/loader.ts'],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: OLDEST_RUNTIME,
    write: false,
    minify: true,
    charset: 'ascii',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Of package.json only what the program reads, with the version that is built. */
function packageJson(version: string): Plugin {
  return {
    name: 'package.json',
    setup: (builder) => {
      builder.onLoad({ filter: /\/package\.json$/ }, async ({ path }) => {
        if (path !== join(root, 'package.json')) return undefined;
        const { name, config } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: JSON.stringify({ name, version, config }), loader: 'json' };
      });
    },
  };
}

/** commander imports it for commands that are programs of their own, of which there are none: 5 ms. */
const withoutChildProcess: Plugin = {
  name: 'without child process',
  setup: (builder) => {
    builder.onResolve({ filter: /^node:child_process$/ }, ({ importer, path }) =>
      importer.includes('/node_modules/commander/') ? { path, namespace: 'no-child' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'no-child' }, () => ({ contents: 'export default {}', loader: 'js' }));
  },
};

/** KubeConfig's modules import it for the few whose credentials come from a program, and one keeps a function of it. */
const withLateChildProcess: Plugin = {
  name: 'child process when it is used',
  setup: (builder) => {
    builder.onResolve({ filter: /^node:child_process$/ }, ({ importer, path }) =>
      importer.includes('/@kubernetes/client-node/dist/') ? { path, namespace: 'late-child' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'late-child' }, ({ path }) => ({
      contents: `export default new Proxy({},{get:(_,key)=>(...words)=>require(${JSON.stringify(path)})[key](...words)})`,
      loader: 'js',
    }));
  },
};

/** KubeConfig's module imports some 800 models and an HTTP client for what the program never calls. */
const withoutModels: Plugin = {
  name: 'without models',
  setup: (builder) => {
    builder.onResolve({ filter: /^(\.\/gen\/index\.js|undici)$/ }, ({ importer, path }) =>
      importer.endsWith('/@kubernetes/client-node/dist/config.js') ? { path, namespace: 'nothing' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({
      contents:
        'export const createConfiguration=undefined,ServerConfiguration=undefined,Agent=undefined,ProxyAgent=undefined',
      loader: 'js',
    }));
  },
};

/** KubeConfig's module imports them for the few who reach their cluster through a SOCKS proxy. */
const withLateSocks: Plugin = {
  name: 'SOCKS when it is used',
  setup: (builder) => {
    builder.onResolve({ filter: /^socks(-proxy-agent)?$/ }, ({ importer, path, resolveDir }) =>
      importer.endsWith('/@kubernetes/client-node/dist/config.js')
        ? { path, namespace: 'late', pluginData: resolveDir }
        : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'late' }, ({ path, pluginData: resolveDir }) => {
      const name = path === 'socks' ? 'SocksClient' : 'SocksProxyAgent';
      const real = `require(${JSON.stringify(path)}).${name}`;
      return {
        contents: `export const ${name}=new Proxy(class{},{construct:(_,words)=>new(${real})(...words),get:(_,key)=>${real}[key]})`,
        loader: 'js',
        resolveDir,
      };
    });
    // What it imports from outside would be loaded with the part that it is in.
    builder.onResolve({ filter: /^dns$/ }, ({ importer, path }) =>
      importer.includes('/node_modules/socks-proxy-agent/') ? { path, namespace: 'late-dns' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'late-dns' }, ({ path }) => ({
      contents: `export const lookup=(...words)=>require(${JSON.stringify(path)}).lookup(...words)`,
      loader: 'js',
    }));
  },
};

/** Importing a name that an older Node's zlib lacks (zstd came with 22.15) would keep the module from loading at all. */
const withoutStaticZlib: Plugin = {
  name: 'without static zlib',
  setup: (builder) => {
    builder.onResolve({ filter: /^node:zlib$/ }, ({ importer, path }) =>
      importer.startsWith(join(root, 'src')) ? { path, namespace: 'zlib' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'zlib' }, () => ({
      contents: "import zlib from 'zlib';export const{gunzipSync,gzipSync,zstdDecompressSync}=zlib",
      loader: 'js',
    }));
  },
};

function packagesIn(metafile: Metafile): readonly string[] {
  const folders = Object.keys(metafile.inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}
