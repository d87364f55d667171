import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import { krewManifest, type Release } from '../../krew/manifest.ts';
import { platforms } from '../../krew/platforms.ts';
import { makeRelease } from '../../krew/release.ts';
import { serveFolder } from './loopback.ts';
import { machine, programAt } from './machine.ts';

const KREW = programAt('KREW', 'krew') ?? '';
const VALIDATE = programAt('VALIDATE_KREW_MANIFEST', 'validate-krew-manifest') ?? '';
const KUBECTL = programAt('KUBECTL', 'kubectl') ?? '';
const missing = Object.entries({ krew: KREW, 'validate-krew-manifest': VALIDATE, kubectl: KUBECTL })
  .filter(([, path]) => path === '')
  .map(([name]) => name);
const reason = missing.length === 0 ? '' : ` (skipped: no ${missing.join(', ')} here)`;
const HOMEPAGE = 'https://github.com/haptic-spire/kubectl-haptic-spire';

const folders: string[] = [];

async function releaseOf(version: string, output: string, archives: string): Promise<readonly Release[]> {
  const here = platforms.filter(
    ({ os, arch }) => os === 'linux' && arch === (process.arch === 'arm64' ? 'arm64' : 'amd64'),
  );
  return makeRelease({ version, platforms: here, output, archives, say: () => {} });
}

/** kubectl and krew, and no Node. */
async function freshMachine() {
  const made = machine();
  folders.push(made.home);
  await mkdir(made.tools);
  await symlink(KUBECTL, join(made.tools, 'kubectl'));
  for (const name of ['krew', 'kubectl-krew']) await symlink(KREW, join(made.tools, name));
  /** Commits the manifest to the index and has krew fetch it. */
  const publish = async (manifest: string): Promise<void> => {
    const path = join(made.index, 'plugins/haptic-spire.yaml');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, manifest);
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    for (const words of [
      ['init', '--quiet', '--initial-branch=main'],
      ['add', '.'],
      ['commit', '--quiet', '--message=it'],
    ]) {
      const git = await made.run('git', '-C', made.index, ...identity, ...words);
      expect(git, git.stderr).toMatchObject({ status: 0 });
    }
    const update = await made.run('kubectl', 'krew', 'update');
    expect(update, update.stderr).toMatchObject({ status: 0 });
  };
  return { ...made, publish };
}

function manifestOf(version: string, releases: readonly Release[], archives: string): string {
  return krewManifest({ version, homepage: HOMEPAGE, archives }, releases);
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe.skipIf(missing.length > 0)(`the plug-in in the real krew${reason}`, () => {
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
  }, 400_000);
  afterAll(() => server.close());

  it('has the same bytes when it is built again', async () => {
    const again = await releaseOf('0.0.1', join(root, 'krew/dist/test-3'), 'http://127.0.0.1:9');
    folders.push(join(root, 'krew/dist/test-3'));
    expect(again).toEqual(first);
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
