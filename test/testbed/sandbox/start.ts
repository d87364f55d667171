import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials, Sandbox } from '../seams.ts';
import { type SandboxCommand, startCommand } from './command.ts';
import { type SandboxLayout, writeLayout } from './layout.ts';

/** What images set. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What containerd leaves to root in a container. */
const ROOT_CAPABILITIES =
  '-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap';

/** A sandbox of this machine's own processes. */
export interface ProcessSandbox extends Sandbox {
  readonly run: (command: readonly string[], stdin?: string | Buffer) => SandboxCommand;
}

/** Builds it and waits until commands can run. It ends with this process, however that ends. Rejects with what the set-up said. */
export async function startSandbox(spec: SandboxLayout): Promise<ProcessSandbox> {
  const directory = mkdtempSync(join(tmpdir(), `haptic-spire-${spec.id.replaceAll(/[^\w.-]/g, '_')}-`));
  // For the container's own user, who only comes as far as its root.
  chmodSync(directory, 0o755);
  let script: string;
  try {
    script = writeLayout(spec, directory);
  } catch (cause) {
    rmSync(directory, { recursive: true, force: true });
    throw cause;
  }
  const first = await build(spec.id, script, directory);
  const enter = [...entry(first.pid, spec.credentials), ...environment(spec.env)];
  return { run: (command, stdin) => startCommand([...enter, ...command], stdin), close: first.close };
}

/** A process with which everything in the sandbox ends, and that removes the directory then. */
async function build(
  id: string,
  script: string,
  directory: string,
): Promise<{ readonly pid: string; readonly close: () => Promise<void> }> {
  const around = 'unshare --mount --pid --fork --kill-child --propagation private sh -e -c "$1"; rm -rf -- "$2"';
  // Its standard input closes when this process ends, and it ends with it.
  const first = spawn('sh', ['-c', around, 'sh', script, directory], { stdio: 'pipe' });
  first.stdin.on('error', () => undefined);
  const over = new Promise<void>((resolve) => first.once('close', () => resolve()));
  let words = '';
  first.stderr.setEncoding('utf8').on('data', (part: string) => {
    words += part;
  });
  const pid = await new Promise<string>((resolve, reject) => {
    first.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim()));
    first.once('error', reject);
    first.once('close', () => reject(new Error(`sandbox ${id} could not be built: ${words}`)));
  });
  const close = async () => {
    first.stdin.end();
    await over;
  };
  return { pid, close };
}

/** From the machine into the namespaces, then from root to the container's user. */
function entry(pid: string, { uid, gid, groups }: Credentials): readonly string[] {
  // A container runtime lets everybody bind low ports; with the machine's network that takes the capability.
  const capabilities =
    uid === 0
      ? [`--bounding-set=${ROOT_CAPABILITIES}`, '--inh-caps=-all']
      : [
          '--bounding-set=-all,+net_bind_service',
          '--inh-caps=-all,+net_bind_service',
          '--ambient-caps=-all,+net_bind_service',
        ];
  return [
    `--target=${pid}`,
    '--mount',
    '--pid',
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
    ...capabilities,
    '--no-new-privs',
  ];
}

function environment(given: Readonly<Record<string, string>>): readonly string[] {
  const variables = Object.entries({ PATH, HOME: '/', ...given }).map(([name, value]) => `${name}=${value}`);
  return ['env', '-i', ...variables];
}
