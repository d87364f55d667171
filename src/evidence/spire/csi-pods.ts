import { mountOf } from '../mount-paths.ts';
import { viewPod } from '../view-pod.ts';
import type { World } from '../world.ts';
import { flagOf } from './agent-config.ts';
import { type DaemonSetOf, podOnNode } from './agent-daemon-sets.ts';

/** What the DaemonSet of a SPIFFE CSI driver does on a node. */
export interface CsiPods {
  /** Why containers of its pod on the node do not start: `node-driver-registrar: ImagePullBackOff: …`. */
  readonly trouble: readonly string[];
  /** The socket directory as the driver mounts it; absent when its spec does not tell. */
  readonly directory?: {
    readonly volume: string;
    /** In the driver's container. */
    readonly path: string;
    /** An init container gives it the label that SELinux lets containers use. */
    readonly labelled: boolean;
  };
}

/** A container that has only begun to start is in no trouble. */
const STARTING = ['ContainerCreating', 'PodInitializing'];

export function csiPodsOf(world: World, csi: DaemonSetOf, node: string | undefined): CsiPods {
  const pod = node === undefined ? undefined : podOnNode(world, csi.ref, node);
  const trouble = (pod ? viewPod(pod).containers : []).flatMap(({ name, status }) => {
    const state = status?.state;
    if (state?.now !== 'waiting' || STARTING.includes(state.reason)) return [];
    return [`${name}: ${state.reason}${state.message === '' ? '' : `: ${state.message}`}`];
  });
  const path = flagOf(csi.container, 'workload-api-socket-dir');
  const volume = path === undefined ? undefined : mountOf(csi.container, path)?.mount.volume;
  const labelled = csi.view.containers.some(
    ({ place, command, args, mounts }) =>
      place === 'init' &&
      [...command, ...args].join(' ').includes('chcon') &&
      mounts.some((mount) => mount.volume === volume),
  );
  return { trouble, ...(path === undefined || volume === undefined ? {} : { directory: { volume, path, labelled } }) };
}
