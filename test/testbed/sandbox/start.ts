import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Credentials, Sandbox } from '../seams.ts';
import { type SandboxCommand, startCommand } from './command.ts';
import { type SandboxLayout, writeLayout } from './layout.ts';
import { type Spawner, spawner } from './small-process.ts';

/** What images set. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What containerd leaves to root in a container. */
const ROOT_CAPABILITIES =
  '-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap';

/** A sandbox of this machine's own processes. */
export interface ProcessSandbox extends Sandbox {
  /** `env` comes on top of the sandbox's own. */
  readonly run: (
    command: readonly string[],
    stdin?: string | Buffer,
    env?: Readonly<Record<string, string>>,
  ) => SandboxCommand;
  /** Its root as a path of this machine, while it runs. */
  readonly root: string;
}

/** Builds it and waits until commands can run. It ends with this process, however that ends. Rejects with what the set-up said. */
export async function startSandbox(spec: SandboxLayout): Promise<ProcessSandbox> {
  const processes = await spawner();
  const without = await whiteouts(processes, spec.without ?? []);
  const { memory } = processes;
  const here = mkdtempSync(join(memory.here, `${spec.id.replaceAll(/[^\w.-]/g, '_')}-`));
  const directory = { here, there: join(memory.there, basename(here)) };
  // For the container's own user, who only comes as far as its root.
  chmodSync(here, 0o755);
  let script: string;
  try {
    script = writeLayout(spec, directory, without);
  } catch (cause) {
    rmSync(here, { recursive: true, force: true });
    throw cause;
  }
  const first = await build(processes, spec.id, script, directory.there);
  const enter = entry(first.pid, spec.credentials);
  const own = { PATH, HOME: '/', ...spec.env };
  return {
    run: (command, stdin, env) => startCommand(processes, [...enter, ...command], { ...own, ...env }, stdin),
    root: `/proc/${first.pid}/root`,
    close: first.close,
  };
}

/** A process with which everything in the sandbox ends, and after which the directory is removed. */
async function build(
  { start }: Spawner,
  id: string,
  script: string,
  directory: string,
): Promise<{ readonly pid: string; readonly close: () => Promise<void> }> {
  const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const first = start([...unshare, 'sh', '-e', '-c', script], { leaves: directory });
  const words = text(first.stderr);
  const pid = await new Promise<string>((resolve, reject) => {
    first.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim()));
    first.ended.then(async () => reject(new Error(`sandbox ${id} could not be built: ${await words}`)), reject);
  });
  const close = async () => {
    first.stdin.end();
    await first.ended;
  };
  return { pid, close };
}

const known = new Map<string, Promise<string>>();

/** A directory that, as the upper layer of an overlay, says that these programs are gone; undefined: none is. */
async function whiteouts({ start, memory }: Spawner, programs: readonly string[]): Promise<string | undefined> {
  if (programs.length === 0) return undefined;
  const make = async () => {
    const here = mkdtempSync(join(memory.here, 'gone-'));
    // Its mode becomes that of /usr/bin.
    chmodSync(here, 0o755);
    const gone = join(memory.there, basename(here));
    for (const program of programs) await start(['mknod', join(gone, program), 'c', '0', '0']).ended;
    return gone;
  };
  const key = programs.toSorted().join(' ');
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
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
  // By their paths: PATH is the container's already.
  return [
    '/usr/bin/nsenter',
    `--target=${pid}`,
    '--mount',
    '--pid',
    '/usr/bin/setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
    ...capabilities,
    '--no-new-privs',
  ];
}
