import type { FactReader } from '../catalogue.ts';
import { isSpiffeDriver } from '../container-role.ts';
import { dig, listAt, objectAt } from '../json.ts';
import type { PodView, VolumeView } from '../pod-view.ts';
import {
  absent,
  chainReading,
  known,
  mapReading,
  type ObjectRef,
  type Origin,
  type Reading,
  unknown,
} from '../reading.ts';
import { parseDuration } from '../spire/agent-config.ts';
import {
  type DaemonSetOf,
  directoryOnNode,
  findAgentDaemonSet,
  findCsiDaemonSet,
  listsDriver,
  otherDriversThan,
} from '../spire/agent-daemon-sets.ts';
import { agentPodOn } from '../spire/agent-pod.ts';
import { agentConfigOf, socketsOf } from '../spire/agent-sockets.ts';
import { serverWorkload } from '../spire/controller-workload.ts';
import { type CsiPods, csiPodsOf } from '../spire/csi-pods.ts';
import { type Obstacle, obstaclesOn } from '../spire/placement.ts';
import { socketsApart } from '../spire/sockets-apart.ts';
import { originOf, type World } from '../world.ts';
import type { LogLine } from './helper-log.ts';
import { podOf } from './pod.ts';

/** How the Workload API socket gets into the containers of a pod. */
export interface WorkloadApiVolumes {
  /** All CSI volumes of SPIFFE drivers, also Istio's and cert-manager's. */
  readonly volumes: readonly (VolumeView & { readonly type: 'csi' })[];
}

/** The SPIRE agent that serves a pod: volume driver → CSI DaemonSet's hostPath → agent DaemonSet with that hostPath. */
export interface ServingAgent {
  readonly driver: string;
  /** Whether the CSIDriver object exists. */
  readonly driverObject: Reading<true>;
  /** Whether the CSINode of the pod's node lists the driver. */
  readonly registeredOnNode: Reading<boolean>;
  readonly csiDaemonSet: Reading<ObjectRef>;
  /** What its DaemonSet does on the pod's node; absent when the DaemonSet was not seen. */
  readonly csiPods?: CsiPods;
  readonly agentDaemonSet: Reading<ObjectRef>;
  /** Names of sockets in the directory that the driver mounts: the agent's own and its aliases. */
  readonly sockets: Reading<readonly SocketName[]>;
  /** The agent's pod on the pod's node. */
  readonly agentOnNode: Reading<AgentPod>;
  readonly trustDomain: Reading<string>;
  /** `availability_target` of agent.conf in milliseconds; absent when it is not set. */
  readonly availabilityTarget: Reading<number>;
  /** Names of SPIFFE drivers that workloads may use and that some DaemonSet runs, this one aside. */
  readonly otherDrivers: readonly string[];
  /** What keeps the driver's and the agent's pods off the pod's node. */
  readonly obstacles: { readonly csi: readonly Obstacle[]; readonly agent: readonly Obstacle[] };
  /** hostPID of the agent's pods; absent when the agent was not seen. */
  readonly sharesNodePids?: boolean;
  /** Where the only agent has its sockets when the driver mounts another directory. */
  readonly apart?: SocketsApart;
  /** The workload that runs the SPIRE server, when workloads were listed. */
  readonly server?: { readonly ref: ObjectRef; readonly replicas: number };
}

/** An agent and a driver that do not meet in one directory of the node. */
export interface SocketsApart {
  readonly agent: ObjectRef;
  /** On the node. */
  readonly directory: string;
  /** The driver's hostPath volume. */
  readonly volume: string;
}

export interface SocketName {
  readonly name: string;
  readonly from: Origin;
  readonly alias: boolean;
}

export interface AgentPod {
  readonly ref: ObjectRef;
  /** Its pod is ready, and its log does not say that its server has not attested it. */
  readonly ready: boolean;
  /** False when its log says that the server has not attested it yet. */
  readonly attested: boolean;
  /** Epoch milliseconds; 0 when it does not run. */
  readonly startedAt: number;
  /** Epoch milliseconds. */
  readonly createdAt?: number;
  /** The pod was asked to end, and none has taken its place yet. */
  readonly ending: boolean;
  /** Why it is not ready, from its container state and its log, newest last. */
  readonly trouble: readonly string[];
  /** What its workload attestor says about pods that it cannot attest; empty when its log was not collected. */
  readonly attestorErrors: readonly LogLine[];
}

const CERT_MANAGER = 'spiffe.csi.cert-manager.io';

export const workloadApiVolumes: FactReader<WorkloadApiVolumes> = {
  gather: ['pods', 'csi'],
  read: (world, subject) =>
    chainReading(podOf(world, subject), (pod, from) => {
      const volumes = pod.volumes
        .filter((volume) => volume.type === 'csi')
        .filter(({ driver }) => isSpiffe(world, driver));
      if (volumes.length === 0) return absent('mount', 'a CSI volume of a SPIFFE driver', from);
      return known({ volumes }, from);
    }),
};

export const servingAgents: FactReader<readonly ServingAgent[]> = {
  gather: ['pods', 'csi', 'spire', 'agent-logs'],
  read: (world, subject) =>
    chainReading(podOf(world, subject), (pod, from) => {
      const drivers = driversOf(world, pod);
      if (drivers.length === 0) return absent('mount', 'a CSI volume of a SPIFFE driver', from);
      return known(
        drivers.map((driver) =>
          world.memo(`serving agent ${driver} ${pod.node ?? ''} ${pod.from}`, () => servingAgent(world, driver, pod)),
        ),
        from,
      );
    }),
};

function isSpiffe(world: World, driver: string): boolean {
  return isSpiffeDriver(driver) || listsDriver(world, driver);
}

/** Drivers of the volumes that helpers mount; of all Workload API volumes when no helper mounts any. */
function driversOf(world: World, pod: PodView): readonly string[] {
  const volumes = pod.volumes
    .filter((volume) => volume.type === 'csi')
    .filter(({ driver }) => driver !== CERT_MANAGER && isSpiffe(world, driver));
  const helpers = pod.containers.filter(({ role }) => role === 'spiffe-helper');
  const mounted = volumes.filter(({ name }) =>
    helpers.some(({ mounts }) => mounts.some(({ volume }) => volume === name)),
  );
  return [...new Set((mounted.length > 0 ? mounted : volumes).map(({ driver }) => driver))];
}

function servingAgent(world: World, driver: string, pod: PodView): ServingAgent {
  const csi = findCsiDaemonSet(world, driver, pod.node);
  const directory = chainReading(csi, (daemonSet, from): Reading<string> => {
    const path = directoryOnNode(daemonSet);
    return path === undefined
      ? unknown(
          'unreadable',
          `which directory DaemonSet ${daemonSet.ref.namespace}/${daemonSet.ref.name} mounts cannot be read from its spec`,
        )
      : known(path, from);
  });
  const agent = chainReading(directory, (path) => findAgentDaemonSet(world, path, pod.node));
  const config = chainReading(agent, (daemonSet) => agentConfigOf(world, daemonSet));
  return {
    driver,
    driverObject: mapReading(world.object('CSIDriver', undefined, driver), () => true as const),
    registeredOnNode: registeredOn(world, driver, pod),
    csiDaemonSet: mapReading(csi, ({ ref }) => ref),
    ...(csi.state === 'known' ? { csiPods: csiPodsOf(world, csi.value, pod.node) } : {}),
    agentDaemonSet: mapReading(agent, ({ ref }) => ref),
    sockets: chainReading(directory, (path) => chainReading(agent, (daemonSet) => socketsOf(daemonSet, config, path))),
    agentOnNode: agentOnNode(world, agent, pod),
    trustDomain: chainReading(config, ({ trustDomain }, from) =>
      trustDomain === undefined ? absent('field', 'trust_domain in agent.conf', from) : known(trustDomain, from),
    ),
    availabilityTarget: chainReading(config, ({ availabilityTarget }, from) => {
      const duration = availabilityTarget === undefined ? undefined : parseDuration(availabilityTarget);
      return duration === undefined
        ? absent('field', 'availability_target in agent.conf', from)
        : known(duration, from);
    }),
    otherDrivers: otherDriversThan(world, driver),
    obstacles: {
      csi: csi.state === 'known' ? obstaclesOn(world, csi.value.collected, pod.node) : [],
      agent: agent.state === 'known' ? obstaclesOn(world, agent.value.collected, pod.node) : [],
    },
    ...(agent.state === 'known' ? { sharesNodePids: agent.value.view.hostPid } : {}),
    ...(csi.state === 'known' && agent.state === 'absent' ? apartFrom(world, csi.value) : {}),
    ...serverIn(world),
  };
}

function apartFrom(world: World, csi: DaemonSetOf): Pick<ServingAgent, 'apart'> {
  const apart = socketsApart(world, csi);
  return apart === undefined ? {} : { apart };
}

function serverIn(world: World): Pick<ServingAgent, 'server'> {
  const server = serverWorkload(world);
  return server === undefined ? {} : { server };
}

function registeredOn(world: World, driver: string, pod: PodView): Reading<boolean> {
  if (pod.node === undefined) return withoutNode(world);
  return chainReading(world.object('CSINode', undefined, pod.node), (collected) => {
    const drivers = listAt(dig(collected.object, 'spec', 'drivers'));
    return known(
      drivers.some((item) => objectAt(item).name === driver),
      originOf(collected, 'spec.drivers'),
    );
  });
}

function agentOnNode(world: World, agent: Reading<DaemonSetOf>, pod: PodView): Reading<AgentPod> {
  const { node } = pod;
  if (node === undefined) return withoutNode(world);
  return chainReading(agent, ({ ref }) => agentPodOn(world, ref, node));
}

function withoutNode(world: World): Reading<never> {
  return world.fromFiles
    ? unknown('needs-live', 'files do not say on which node a pod runs')
    : unknown('not-scheduled', 'the pod has no node yet');
}
