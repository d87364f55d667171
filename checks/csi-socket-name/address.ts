import type { HelperConfig, HelperVersion } from '../../src/evidence/facts/helpers.ts';
import { cleanPath, type MountedPath, mountOf } from '../../src/evidence/mount-paths.ts';
import type { ContainerView, PodView, VolumeView } from '../../src/evidence/pod-view.ts';

/** spiffe-helper's own default, from 0.8 on. */
const DEFAULT_ADDRESS = '/tmp/spire-agent/public/api.sock';

/** The address that a helper dials, and who says so. */
export type Address =
  | { readonly set: 'in-config'; readonly value: string; readonly line: number }
  | {
      readonly set: 'in-environment';
      readonly variable: string;
      readonly scheme: 'unix' | 'tcp' | 'none';
      readonly value: string;
      /** Line of helper.conf with an agent_address that is empty. */
      readonly emptyAt?: number;
    }
  | { readonly set: 'default'; readonly value: string; readonly emptyAt?: number };

/** A variable counts only while helper.conf has no agent_address; SPIRE_AGENT_ADDRESS from 0.8 to 0.11, SPIFFE_ENDPOINT_SOCKET from 0.9. */
export function addressOf(config: HelperConfig, container: ContainerView, version: HelperVersion | undefined): Address {
  const { agentAddress } = config;
  if (agentAddress && agentAddress.value !== '')
    return { set: 'in-config', value: agentAddress.value, line: agentAddress.line };
  const empty = agentAddress ? { emptyAt: agentAddress.line } : {};
  const old = version !== undefined && version.major === 0 && version.minor < 9;
  const names = old ? ['SPIRE_AGENT_ADDRESS'] : ['SPIFFE_ENDPOINT_SOCKET', 'SPIRE_AGENT_ADDRESS'];
  for (const name of names) {
    const endpoint = container.env.find((item) => item.name === name)?.endpoint;
    if (endpoint)
      return { set: 'in-environment', variable: name, scheme: endpoint.scheme, value: endpoint.path, ...empty };
  }
  return { set: 'default', value: DEFAULT_ADDRESS, ...empty };
}

type CsiVolume = VolumeView & { readonly type: 'csi' };

/** Where an address leads in the container's file system. */
export type Place =
  /** Below a mount of a Workload API volume; `name` is the rest of the way. */
  | { readonly is: 'workload-api'; readonly volume: CsiVolume; readonly mounted: MountedPath; readonly name: string }
  /** Below a mount of another kind that may hold a socket: a directory of the node, a directory shared with an agent. */
  | { readonly is: 'other-mount'; readonly volume: VolumeView }
  /** In the image's own file system, where no socket is. */
  | { readonly is: 'nowhere'; readonly mounts: readonly { readonly volume: CsiVolume; readonly path: string }[] };

export function placeOf(pod: PodView, container: ContainerView, volumes: readonly CsiVolume[], address: string): Place {
  const mounted = mountOf(container, address);
  const volume = pod.volumes.find(({ name }) => name === mounted?.mount.volume);
  const workloadApi = volumes.find(({ name }) => name === volume?.name);
  if (mounted && workloadApi && mounted.rest !== '')
    return { is: 'workload-api', volume: workloadApi, mounted, name: mounted.rest };
  if (mounted && volume && !workloadApi && volume.type !== 'configMap' && volume.type !== 'secret')
    return { is: 'other-mount', volume };
  const mounts = container.mounts.flatMap(({ volume: name, path }) => {
    const found = volumes.find((candidate) => candidate.name === name);
    return found ? [{ volume: found, path: cleanPath(path) }] : [];
  });
  return { is: 'nowhere', mounts };
}
