import { containerSandbox } from '../../sandbox/container.ts';
import { haproxyReleaseOf } from '../../sandbox/releases.ts';
import type { KubeObject, ProgramContext, RunningProgram } from '../../seams.ts';
import { identityOf, keyOf, textAt } from '../fields.ts';
import { credentialsOf } from './credentials.ts';
import { mountsOf, throughMounts } from './mounts.ts';
import type { NodeServices, PodSeat } from './pod-seat.ts';

/** Starts the program of a container's image with what its pod gives it. Rejects with the program's words when it cannot start. */
export async function launchProgram(
  services: NodeServices,
  seat: PodSeat,
  container: KubeObject,
  log: (text: string) => void,
): Promise<RunningProgram> {
  const { pod, address, volumes, directory } = seat;
  const program = services.programs.find((candidate) => candidate.runs(container, pod));
  if (!program) throw new Error(`exec: no program of the testbed is what image ${textAt(container, 'image')} runs`);
  const mounts = mountsOf(container, volumes, directory);
  const { namespace, name } = identityOf(pod);
  let sandbox: ReturnType<ProgramContext['sandbox']> | undefined;
  const context: ProgramContext = {
    ref: { namespace, pod: name, container: textAt(container, 'name') },
    pod,
    container,
    address,
    credentials: credentialsOf(pod, container),
    mounts,
    nodeMounts: services.nodeMounts(seat.node),
    sandbox: () => {
      sandbox ??= containerSandbox(context, haproxyOf(container));
      return sandbox;
    },
    onHost: (path) => {
      const found = throughMounts(mounts, path);
      // Nothing is left of what a stale mount showed.
      return found !== undefined && isOnStaleMount(services, seat, found) ? `${found}.stale` : found;
    },
    log,
    store: services.store,
  };
  const close = async () => (await sandbox)?.close();
  try {
    const running = await program.start(context);
    void running.ended.then(close);
    return running;
  } catch (cause) {
    await close();
    throw cause;
  }
}

function isOnStaleMount({ platform, store }: NodeServices, { pod, node, volumes }: PodSeat, path: string): boolean {
  const { staleMountsBefore } = platform.nodes.get(node) ?? {};
  if (staleMountsBefore === undefined) return false;
  // As it is stored now: time stamps move when the cluster ages.
  const createdAt = Date.parse(textAt(store.get(keyOf(pod)) ?? pod, 'metadata', 'creationTimestamp'));
  if (createdAt >= staleMountsBefore) return false;
  return [...volumes.values()].some((volume) => volume.content === 'csi' && path.startsWith(volume.path));
}

function haproxyOf(container: KubeObject) {
  const image = textAt(container, 'image');
  return /haproxy[^/]*$/.test(image) ? { haproxy: haproxyReleaseOf(image) } : {};
}
