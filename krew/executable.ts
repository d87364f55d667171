import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { withoutDebugInformation } from './elf.ts';
import { signAdHoc } from './mach-o.ts';
import { withoutSignature } from './pe.ts';
import { nameOf, type Platform } from './platforms.ts';
import { fetchRuntime } from './runtimes.ts';
import { withBlob } from './sea-blob.ts';

const run = promisify(execFile);

export interface Contents {
  /** The script that starts. */
  readonly main: string;
  /** By the key under which the program finds them. */
  readonly assets: ReadonlyMap<string, string | Uint8Array>;
}

/** A standalone executable for the platform: the runtime with the contents inside. */
export async function makeExecutable(platform: Platform, contents: Contents): Promise<Buffer> {
  const runtime = join(await fetchRuntime(platform.runtime), platform.runtime.executable);
  const maker = join(await fetchRuntime(platform.maker), platform.maker.executable);
  const { writer = platform.maker } = platform;
  const work = await mkdtemp(join(tmpdir(), `haptic-spire-${nameOf(platform)}-`));
  try {
    // The path of the script becomes part of the executable: none here tells where it was made.
    const [executable, output, main] = ['node', 'program', 'main.js'];
    await writeFile(join(work, executable), prepared(platform, await readFile(runtime)), { mode: 0o755 });
    await writeFile(join(work, main), contents.main);
    const assets: Record<string, string> = {};
    for (const [key, content] of [...contents.assets].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const path = join('assets', key);
      await mkdir(join(work, dirname(path)), { recursive: true });
      await writeFile(join(work, path), content);
      assets[key] = path;
    }
    const settings = {
      main,
      executable,
      output,
      assets,
      disableExperimentalSEAWarning: true,
      // What a shell has in NODE_OPTIONS is meant for somebody's own programs.
      execArgvExtension: 'none',
      execArgv: [
        // Importing a module from outside of the executable is one, and nothing to tell a user.
        '--disable-warning=ExperimentalWarning',
        // A run makes some ten megabytes of short-lived objects: with room for most of them little is collected (MB). With
        // most other flags of V8 it would refuse the code caches of Node's own modules.
        '--min-semi-space-size=8',
        '--max-semi-space-size=8',
      ],
    };
    await writeFile(join(work, 'sea.json'), JSON.stringify(settings));
    await run(join(await fetchRuntime(writer), writer.executable), ['--build-sea', 'sea.json'], { cwd: work });
    let made: Buffer = await readFile(join(work, output));
    if (writer !== platform.maker) {
      await writeFile(join(work, 'blob.json'), JSON.stringify({ ...settings, output: 'blob' }));
      await run(maker, ['--experimental-sea-config', 'blob.json'], { cwd: work });
      made = withBlob(made, await readFile(join(work, 'blob')), main);
    }
    return platform.os === 'darwin' ? signAdHoc(made, 'kubectl-haptic_spire') : made;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function prepared(platform: Platform, runtime: Buffer): Buffer {
  switch (platform.os) {
    case 'linux':
      return withoutDebugInformation(runtime);
    case 'windows':
      return withoutSignature(runtime);
    case 'darwin':
      return runtime;
  }
}
