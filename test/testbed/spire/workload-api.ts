import { dirname } from 'node:path/posix';
import type { JsonObject } from '../../../src/evidence/json.ts';
import { cleanPath, mountOf } from '../../../src/evidence/mount-paths.ts';
import { viewPod } from '../../../src/evidence/view-pod.ts';
import { textAt } from '../cluster/fields.ts';
import type { Platform } from '../platform.ts';
import type { KubeObject, Store } from '../seams.ts';
import type { Agent } from './agent.ts';
import type { Svid } from './authority.ts';
import type { CsiDrivers } from './csi-drivers.ts';
import type { Labels } from './labels.ts';
import { selectorsOf } from './pod-selectors.ts';

/** What a workload gets that asks for its X.509 context. */
export type X509Answer =
  /** As gRPC words it. */
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'given'; readonly svids: readonly Svid[]; readonly bundle: readonly string[] };

/** A workload that asks: a container of a pod, by the path that it dials. */
export interface Workload {
  readonly pod: KubeObject;
  readonly container: string;
}

export interface WorkloadApi {
  /** `path` is one of the container's. */
  readonly fetch: (workload: Workload, path: string) => X509Answer;
  /** The pod's SVIDs from the agent of its node, whatever socket it would dial. */
  readonly svidsOf: (
    pod: KubeObject,
  ) => { readonly svids: readonly Svid[]; readonly bundle: readonly string[] } | undefined;
}

export interface Surroundings {
  readonly store: Store;
  readonly platform: Platform;
  readonly agents: ReadonlySet<Agent>;
  readonly drivers: CsiDrivers;
  readonly labels: Labels;
}

export function workloadApi({ store, platform, agents, drivers, labels }: Surroundings): WorkloadApi {
  // What was mounted when a pod first asked stays mounted.
  const mounted = new Map<string, string>();

  const socketOnNode = ({ pod, container }: Workload, path: string): string | undefined => {
    const view = viewPod({ object: pod as JsonObject, at: '' });
    const own = view.containers.find(({ name }) => name === container);
    const place = own && mountOf(own, path);
    const volume = view.volumes.find(({ name }) => name === place?.mount.volume);
    if (place === undefined || volume?.type !== 'csi') return undefined;
    const key = `${view.uid} ${volume.name}`;
    const directory = mounted.get(key) ?? drivers.directoryOf(volume.driver, view.node ?? '');
    if (directory === undefined) return undefined;
    mounted.set(key, directory);
    return cleanPath(place.inVolume, directory);
  };

  const isStale = (pod: KubeObject): boolean => {
    const before = platform.nodes.get(textAt(pod, 'spec', 'nodeName'))?.staleMountsBefore;
    return before !== undefined && Date.parse(textAt(pod, 'metadata', 'creationTimestamp')) < before;
  };

  const serving = (node: string, path: string) =>
    [...agents].find((agent) => agent.node === node && agent.cache.state === 'attested' && agent.sockets.has(path));

  const identitiesOf = (agent: Agent, pod: KubeObject, container: string): readonly Svid[] => {
    const selectors = selectorsOf(current(store, pod), container);
    return agent.cache.entries
      .filter((entry) => entry.selectors.every((selector) => selectors.has(selector)))
      .flatMap(({ id }) => agent.cache.svids.get(id) ?? []);
  };

  return {
    fetch(workload, path) {
      const { pod, container } = workload;
      const node = textAt(pod, 'spec', 'nodeName');
      const onNode = isStale(pod) ? undefined : socketOnNode(workload, path);
      const agent = onNode === undefined ? undefined : serving(node, onNode);
      if (agent === undefined || onNode === undefined) return failed(dialError(path, 'no such file or directory'));
      if (platform.nodes.get(node)?.selinux === 'enforcing' && !labels.allows(node, dirname(onNode)))
        return failed(dialError(path, 'permission denied'));
      if (!agent.sharesNodePids) {
        agent.say('warning', 'Connection failed during accept', {
          error: 'could not resolve caller information',
          subsystem_name: 'endpoints',
        });
        return failed(
          'rpc error: code = Unavailable desc = connection error: desc = "error reading server preface: EOF"',
        );
      }
      const attestation = platform.nodes.get(node)?.attestation;
      if (attestation !== undefined && attestation.unless?.(agent.config) !== true) {
        agent.say('error', 'Failed to collect all selectors for PID', {
          error: `workload attestor "k8s" failed: ${attestation.error}`,
          pid: pidOf(pod),
          subsystem_name: 'workload_attestor',
        });
        return refused(agent, pod);
      }
      const svids = identitiesOf(agent, pod, container);
      if (svids.length > 0) return { state: 'given', svids, bundle: agent.cache.bundle };
      return refused(agent, pod);
    },
    svidsOf(pod) {
      const node = textAt(pod, 'spec', 'nodeName');
      const view = viewPod({ object: pod as JsonObject, at: '' });
      for (const { name, mounts } of view.containers) {
        for (const { path } of mounts) {
          const directory = socketOnNode({ pod, container: name }, path);
          const agent = [...agents].find(
            (one) =>
              one.node === node &&
              one.sharesNodePids &&
              directory !== undefined &&
              [...one.sockets].some((socket) => socket.startsWith(`${directory}/`)),
          );
          const svids = agent ? identitiesOf(agent, pod, name) : [];
          if (agent && svids.length > 0) return { svids, bundle: agent.cache.bundle };
        }
      }
      return undefined;
    },
  };
}

/** As the API has the pod now: its labels may have changed since it started. */
function current(store: Store, pod: KubeObject): KubeObject {
  const now = store.get({
    kind: 'Pod',
    namespace: textAt(pod, 'metadata', 'namespace'),
    name: textAt(pod, 'metadata', 'name'),
  });
  return now !== undefined && textAt(now, 'metadata', 'uid') === textAt(pod, 'metadata', 'uid') ? now : pod;
}

/** What an agent answers to a process for which it has no entry, or about which it found out nothing. */
function refused(agent: Agent, pod: KubeObject): X509Answer {
  agent.say('error', 'No identity issued', {
    method: 'FetchX509SVID',
    pid: pidOf(pod),
    registered: false,
    service: 'WorkloadAPI',
    subsystem_name: 'endpoints',
  });
  return failed('rpc error: code = PermissionDenied desc = no identity issued');
}

function pidOf(pod: KubeObject): number {
  return 7_000 + (textAt(pod, 'metadata', 'uid').length % 97);
}

function failed(error: string): X509Answer {
  return { state: 'failed', error };
}

function dialError(path: string, why: string): string {
  return `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${path}: connect: ${why}"`;
}
