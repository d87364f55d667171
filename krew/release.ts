import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tarGz, zip } from './archive.ts';
import { shippedFiles } from './assets.ts';
import { type Bundle, bundle, root } from './bundle.ts';
import { makeCodeCache } from './code-cache.ts';
import { makeExecutable } from './executable.ts';
import { executableName, krewManifest, type Release } from './manifest.ts';
import { notices } from './notices.ts';
import { nameOf, type Platform } from './platforms.ts';
import { fetchRuntime } from './runtimes.ts';
import { sbom } from './sbom.ts';

export interface Wanted {
  /** Without the `v`. */
  readonly version: string;
  readonly platforms: readonly Platform[];
  /** Folder for the archives and what goes with them; emptied first. */
  readonly output: string;
  /** Where the archives will be downloaded from. */
  readonly archives: string;
  readonly say: (line: string) => void;
}

/** Everything of a release, from the checkout: archives, checksums, bill of materials, krew's manifest. */
export async function makeRelease(wanted: Wanted): Promise<readonly Release[]> {
  const { version, output } = wanted;
  const { homepage } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const made = await bundle(version);
  const releases = new Map<Platform, Release>();
  const queue = wanted.platforms.values();
  const worker = async () => {
    for (const platform of queue) releases.set(platform, await releaseFor(platform, made, wanted));
  };
  // Two, since each holds some hundred megabytes more than once.
  await Promise.all([worker(), worker()]);
  const inOrder = wanted.platforms.flatMap((platform) => releases.get(platform) ?? []);
  await writeFile(
    join(output, 'haptic-spire.yaml'),
    krewManifest({ version, homepage, archives: wanted.archives }, inOrder),
  );
  await writeFile(join(output, 'sbom.cdx.json'), await sbom(version, made.packages));
  await writeFile(join(output, 'SHA256SUMS'), await checksums(output));
  return inOrder;
}

async function releaseFor(platform: Platform, made: Bundle, { version, output, say }: Wanted): Promise<Release> {
  const executable = await makeExecutable(platform, { main: made.loader, assets: await assetsFor(platform, made) });
  await mkdir(join(output, nameOf(platform)), { recursive: true });
  await writeFile(join(output, nameOf(platform), executableName(platform)), executable, { mode: 0o755 });
  const files = [
    { path: executableName(platform), content: executable, executable: true },
    { path: 'LICENSE', content: await readFile(join(root, 'LICENSE')), executable: false },
    { path: 'THIRD-PARTY.txt', content: Buffer.from(await notices(made.packages, platform)), executable: false },
  ];
  const packed = await (platform.os === 'windows' ? zip(files) : tarGz(files));
  const ending = platform.os === 'windows' ? 'zip' : 'tar.gz';
  const archive = `kubectl-haptic_spire-v${version}-${nameOf(platform)}.${ending}`;
  await writeFile(join(output, archive), packed);
  const sha256 = createHash('sha256').update(packed).digest('hex');
  say(`${sha256}  ${archive}  ${(packed.length / 1e6).toFixed(1)} MB, Node ${platform.runtime.version}`);
  return { platform, archive, sha256 };
}

async function assetsFor(platform: Platform, made: Bundle): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const parts = [...made.parts].map(([name, text]) => [`part/${name}`, text] as const);
  const caches = [...(await cacheFor(platform, made))].map(([name, data]) => [`cache/${name}`, data] as const);
  return new Map<string, string | Uint8Array>([...parts, ...caches, ...(await shippedFiles())]);
}

/** Only a Node that runs here can make a cache for itself. */
async function cacheFor({ os, arch, runtime }: Platform, made: Bundle): Promise<ReadonlyMap<string, Buffer>> {
  if (os !== 'linux' || arch !== 'amd64' || process.arch !== 'x64') return new Map();
  const folder = join(root, 'test/scenario/base');
  const manifests = (await readdir(folder)).toSorted().map((name) => join(folder, name));
  return makeCodeCache(join(await fetchRuntime(runtime), runtime.executable), made.parts, manifests);
}

async function checksums(folder: string): Promise<string> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  const lines = await Promise.all(
    names.toSorted().map(async (name) => {
      const digest = createHash('sha256').update(await readFile(join(folder, name)));
      return `${digest.digest('hex')}  ${name}\n`;
    }),
  );
  return lines.join('');
}
