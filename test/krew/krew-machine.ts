import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { krewManifest, type Release } from '../../krew/manifest.ts';
import { platforms } from '../../krew/platforms.ts';
import { makeRelease } from '../../krew/release.ts';
import { machine, programAt } from './machine.ts';

const KREW = programAt('KREW', 'krew') ?? '';
const KUBECTL = programAt('KUBECTL', 'kubectl') ?? '';
/** krew's own checker of manifests. */
export const VALIDATE: string = programAt('VALIDATE_KREW_MANIFEST', 'validate-krew-manifest') ?? '';

const missing = Object.entries({ krew: KREW, 'validate-krew-manifest': VALIDATE, kubectl: KUBECTL })
  .filter(([, path]) => path === '')
  .map(([name]) => name);
/** Why tests with the real krew can't run here, to be put behind their names; empty when they can. */
export const WITHOUT_KREW: string = missing.length === 0 ? '' : ` (skipped: no ${missing.join(', ')} here)`;

const HOMEPAGE = 'https://github.com/haptic-spire/kubectl-haptic-spire';

/** A release for this machine's platform alone. */
export async function releaseOf(version: string, output: string, archives: string): Promise<readonly Release[]> {
  const here = platforms.filter(
    ({ os, arch }) => os === 'linux' && arch === (process.arch === 'arm64' ? 'arm64' : 'amd64'),
  );
  return makeRelease({ version, platforms: here, output, archives, say: () => {} });
}

export function manifestOf(version: string, releases: readonly Release[], archives: string): string {
  return krewManifest({ version, homepage: HOMEPAGE, archives }, releases);
}

/** A machine with kubectl and krew. */
export async function krewMachine() {
  const made = machine();
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
