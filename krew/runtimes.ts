import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './bundle.ts';
import type { Runtime } from './platforms.ts';

const run = promisify(execFile);

const cache = join(root, 'node_modules/.cache/haptic-spire');
const fetched = new Map<string, Promise<string>>();

/** Folder of a runtime's package. Fetched through npm once, and only used if it is what package-lock.json says. */
export function fetchRuntime(runtime: Runtime): Promise<string> {
  const folder = join(cache, `${runtime.package}-${runtime.version}`);
  // Platforms that are made side by side may want the same one.
  const fetching = fetched.get(folder) ?? fetchInto(folder, runtime);
  fetched.set(folder, fetching);
  return fetching;
}

async function fetchInto(folder: string, runtime: Runtime): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'fetch-'));
  try {
    const { stdout } = await run('npm', ['pack', '--silent', `${runtime.package}@${runtime.version}`], { cwd: work });
    const archive = join(work, stdout.trim().split('\n').at(-1) ?? '');
    const actual = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    const expected = runtime.integrity ?? (await lockedIntegrity(runtime));
    if (actual !== expected) throw new Error(`${runtime.package}@${runtime.version} is not what was pinned: ${actual}`);
    const words = runtime.licence === undefined ? [] : [`package/${runtime.licence}`];
    await run('tar', ['xzf', archive, '-C', work, `package/${runtime.executable}`, ...words]);
    await rename(join(work, 'package'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function lockedIntegrity(runtime: Runtime): Promise<string> {
  const lock: { packages: Record<string, { version?: string; integrity?: string } | undefined> } = JSON.parse(
    await readFile(join(root, 'package-lock.json'), 'utf8'),
  );
  const locked = lock.packages[`node_modules/${runtime.package}`];
  if (locked?.version !== runtime.version || locked.integrity === undefined) {
    throw new Error(`package-lock.json does not pin ${runtime.package}@${runtime.version}`);
  }
  return locked.integrity;
}
