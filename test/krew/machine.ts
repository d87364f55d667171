import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A program, by the variable that names it or from the PATH; undefined when it isn't there. */
export function programAt(variable: string, name: string): string | undefined {
  const named = process.env[variable];
  if (named !== undefined) return named;
  const found = spawnSync('which', [name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody's machine without Node: a home folder, krew's folder and one for tools on the PATH, a git repository as krew's index. */
export function machine() {
  const home = mkdtempSync(join(tmpdir(), 'haptic-spire-krew-'));
  const krewRoot = join(home, '.krew');
  const tools = join(home, 'tools');
  const index = join(home, 'index');
  const env = {
    HOME: home,
    KREW_ROOT: krewRoot,
    KREW_NO_UPGRADE_CHECK: '1',
    KREW_DEFAULT_INDEX_URI: index,
    PATH: [join(krewRoot, 'bin'), tools, '/usr/bin', '/bin'].join(delimiter),
  };
  const run = (command: string, ...words: readonly string[]): Promise<Finished> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: home });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  return { home, krewRoot, tools, index, run };
}
