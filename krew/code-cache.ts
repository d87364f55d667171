import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { startRecordedServer } from './recorded-server.ts';

/** The recording that a server shows, so that all that asks a cluster is run too. */
const STORY = 'healthy';

/** What people wait for: each is run in turn, so that its functions are in the cache. */
const RUNS: readonly (readonly string[])[] = [
  ['version'],
  ['--help'],
  ['doctor', '--help'],
  ['checks'],
  ['explain', 'svid-valid'],
  ['doctor', '--demo'],
  ['doctor', '--demo', '-o', 'json'],
  ['completion', 'bash'],
  ['__complete', 'doctor', '--check', ''],
];

/**
 * V8's code cache by part name, made by a Node of this machine's platform. It fits executables of exactly that Node on
 * the same platform. `manifests` are files to be judged too.
 */
export async function makeCodeCache(
  node: string,
  parts: ReadonlyMap<string, string>,
  manifests: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const ATTEMPTS = 5;
  let before = await makeOnce(node, parts, manifests);
  // Now and then the collector throws a function away on another run's way than usual. What two runs in a row agree on
  // is what the next build gets too.
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    const after = await makeOnce(node, parts, manifests);
    if (isDeepStrictEqual(before, after)) return after;
    before = after;
  }
  throw new Error(`no two of ${ATTEMPTS} code caches are the same`);
}

async function makeOnce(
  node: string,
  parts: ReadonlyMap<string, string>,
  manifests: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const work = await mkdtemp(join(tmpdir(), 'haptic-spire-cache-'));
  const server = await startRecordedServer(STORY);
  try {
    const [folder, caches] = [join(work, 'parts'), join(work, 'caches')];
    await mkdir(folder);
    await mkdir(caches);
    for (const [name, text] of parts) await writeFile(join(folder, name), text, 'latin1');
    const files = manifests.length === 0 ? [] : [['doctor', ...manifests.flatMap((file) => ['-f', file])]];
    const kubeconfig = join(work, 'kubeconfig');
    server.writeKubeconfig(kubeconfig);
    const live = ['doctor', '--kubeconfig', kubeconfig];
    // Twice, since each run tells whether V8 takes what the runs before it have left.
    for (const words of [live, ...RUNS, ...files, live]) {
      // These make two builds alike; V8 leaves them out when it compares flags.
      const flags = ['--random-seed=1', '--predictable', '--no-warnings'];
      const script = join(import.meta.dirname, 'make-code-cache.ts');
      const child = spawn(node, [...flags, script, folder, caches, ...words], {
        env: { TZ: 'UTC' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
      if (status === null || status > 2) throw new Error(`${words.join(' ')} failed: ${stderr}`);
    }
    const names = (await readdir(caches)).toSorted();
    return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(caches, name))] as const)));
  } finally {
    await server.close();
    await rm(work, { recursive: true, force: true });
  }
}
