import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import type { Release } from '../../krew/manifest.ts';
import { nameOf, platforms } from '../../krew/platforms.ts';
import { copyCheckoutTo } from './checkout-copy.ts';
import { krewMachine, manifestOf, releaseOf, VALIDATE, WITHOUT_KREW } from './krew-machine.ts';
import { serveFolder } from './loopback.ts';

const folders: string[] = [];

async function freshMachine() {
  const made = await krewMachine();
  folders.push(made.home);
  return made;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe.skipIf(WITHOUT_KREW !== '')(`the plug-in in the real krew${WITHOUT_KREW}`, () => {
  const one = join(root, 'krew/dist/test-1');
  const two = join(root, 'krew/dist/test-2');
  let first: readonly Release[] = [];
  let second: readonly Release[] = [];
  let server: Awaited<ReturnType<typeof serveFolder>>;

  beforeAll(async () => {
    server = await serveFolder(two);
    first = await releaseOf('0.0.1', one, 'http://127.0.0.1:9');
    second = await releaseOf('0.0.2', two, server.url);
    folders.push(one, two);
  });
  afterAll(() => server.close());

  it('has the same bytes when it is built again in another folder', () => {
    // Below this one, since links to the packages take one file system.
    const copy = join(root, 'krew/dist/test-3/a-copy');
    folders.push(join(root, 'krew/dist/test-3'));
    copyCheckoutTo(copy);
    cpSync(join(root, '.git'), join(copy, '.git'), { recursive: true });
    expect(spawnSync('cp', ['-al', join(root, 'node_modules'), copy])).toMatchObject({ status: 0 });
    const script = `
      import { platforms, nameOf } from './krew/platforms.ts';
      import { makeRelease } from './krew/release.ts';
      const [only] = process.argv.slice(1);
      const here = platforms.filter((platform) => nameOf(platform) === only);
      const wanted = { version: '0.0.1', platforms: here, output: 'krew/dist', archives: 'http://127.0.0.1:9', say: () => {} };
      console.log(JSON.stringify(await makeRelease(wanted)));`;
    const only = first.map(({ platform }) => nameOf(platform));
    const words = ['--input-type=module-typescript', '-e', script, ...only];
    const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });
    expect(JSON.parse(stdout || `"${stderr}"`)).toEqual(first);
  });

  it('is valid for the checker of krew’s index, which installs it', async () => {
    const { run } = await freshMachine();
    const { status, stderr } = await run(VALIDATE, '-manifest', join(two, 'haptic-spire.yaml'));
    expect(status, stderr).toBe(0);
  });

  it('installs from the archive, runs through kubectl without Node, and uninstalls', async () => {
    const { run, krewRoot, publish } = await freshMachine();
    await publish(manifestOf('0.0.0', first, 'http://127.0.0.1:9'));
    const archive = join(one, first[0]?.archive ?? '');
    const install = await run(
      'kubectl',
      'krew',
      'install',
      `--manifest=${join(one, 'haptic-spire.yaml')}`,
      `--archive=${archive}`,
    );
    expect(install, install.stderr).toMatchObject({ status: 0 });

    const version = await run('kubectl', 'haptic-spire', 'version');
    expect(version, version.stderr).toMatchObject({ status: 0, stderr: '' });
    expect(version.stdout).toMatch(/^kubectl-haptic_spire 0\.0\.1\b/);
    const help = await run('kubectl', 'haptic-spire', '--help');
    expect(help.stdout).toMatch(/^Usage: kubectl haptic-spire /);
    const demo = await run('kubectl', 'haptic-spire', 'doctor', '--demo');
    expect(demo, demo.stderr).toMatchObject({ status: 1 });
    expect(demo.stdout).toContain('Exit code 1');
    expect(await run('kubectl', 'haptic-spire', 'explain', 'svid-valid')).toMatchObject({ status: 0, stderr: '' });

    const uninstall = await run('kubectl', 'krew', 'uninstall', 'haptic-spire');
    expect(uninstall, uninstall.stderr).toMatchObject({ status: 0 });
    expect(existsSync(join(krewRoot, 'bin/kubectl-haptic_spire'))).toBe(false);
  });

  it('is upgraded from an index', async () => {
    const { run, publish } = await freshMachine();
    const served = await serveFolder(one);
    try {
      await publish(manifestOf('0.0.1', first, served.url));
      const install = await run('kubectl', 'krew', 'install', 'haptic-spire');
      expect(install, install.stderr).toMatchObject({ status: 0 });
      expect((await run('kubectl', 'haptic-spire', 'version')).stdout).toContain('kubectl-haptic_spire 0.0.1');

      await publish(manifestOf('0.0.2', second, server.url));
      const upgrade = await run('kubectl', 'krew', 'upgrade', 'haptic-spire');
      expect(upgrade, upgrade.stderr).toMatchObject({ status: 0 });
      expect((await run('kubectl', 'haptic-spire', 'version')).stdout).toContain('kubectl-haptic_spire 0.0.2');
    } finally {
      await served.close();
    }
  });
});

const WHOLE = join(root, 'krew/haptic-spire.yaml');
const built = platforms.every((platform) => existsSync(join(root, 'krew/dist', nameOf(platform))));
const why = WITHOUT_KREW !== '' || built ? WITHOUT_KREW : ' (skipped: npm run build makes all platforms)';

describe.skipIf(why !== '')(`the manifest of the release${why}`, () => {
  it('installs on every platform, as the checker of krew’s index finds', async () => {
    const { run, home } = await freshMachine();
    const served = await serveFolder(join(root, 'krew/dist'));
    try {
      // The same archives at addresses of this machine.
      const text = (await readFile(WHOLE, 'utf8')).replaceAll(/uri: \S*\/([^/\s]+)/g, `uri: ${served.url}/$1`);
      const manifest = join(home, 'haptic-spire.yaml');
      await writeFile(manifest, text);
      const { status, stderr } = await run(VALIDATE, '-manifest', manifest);
      expect(status, stderr).toBe(0);
      const installed = [...stderr.matchAll(/installing spec\.platform\[(\d+)\]/g)].map(([, index]) => Number(index));
      expect(installed).toEqual([...platforms.keys()]);
    } finally {
      await served.close();
    }
  });
});
