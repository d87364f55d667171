import type { Fix } from '../../src/doctor/check.ts';
import type { ServingAgent, WorkloadApiVolumes } from '../../src/evidence/facts/workload-api.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import { admit, look, on } from './admit.ts';
import { isUnstartable } from './driver-fixes.ts';
import { changeVolume } from './fixes.ts';

type CsiVolume = WorkloadApiVolumes['volumes'][number];

/** As the SPIRE chart makes it; OpenShift lets restricted pods have such volumes by the label, others ignore it. */
function driverObject(driver: string): JsonObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: driver, labels: { 'security.openshift.io/csi-ephemeral-volume-profile': 'restricted' } },
    spec: { attachRequired: false, podInfoOnMount: true, fsGroupPolicy: 'None', volumeLifecycleModes: ['Ephemeral'] },
  };
}

/** The object that is missing beside a driver that runs; or the name of the driver that is installed instead. */
export function missingDriverFix(
  { driver, csiDaemonSet, otherDrivers }: ServingAgent,
  volume: CsiVolume,
  pod: PodView,
): Fix {
  const [other, ...more] = otherDrivers;
  if (csiDaemonSet.state === 'known') {
    const { namespace, name } = csiDaemonSet.value;
    return {
      summary: `Make the CSIDriver object for ${driver}, which DaemonSet ${namespace}/${name} serves.`,
      commands: [{ args: ['apply', '-f', '-'], stdin: { document: driverObject(driver) } }],
      durable: 'the CSIDriver belongs to spiffe-csi-driver of the SPIRE chart: helm upgrade makes it again',
      impact: 'cluster-wide',
      preconditions: [`the pods of ${namespace}/${name} are ready: they register under this name`],
      undo: `delete CSIDriver ${driver}`,
    };
  }
  if (other !== undefined && more.length === 0) {
    const fix = changeVolume(pod, volume, { driver: other, readOnly: true });
    return {
      ...fix,
      preconditions: [`${other} is the driver of the SPIRE that has to serve these pods: no other runs here`],
    };
  }
  return {
    summary: `Install the SPIFFE CSI driver (spiffe-csi-driver of the SPIRE chart), or name the driver that is installed in volume ${volume.name}.`,
    impact: 'cluster-wide',
    manual: 'installing SPIRE is a decision of its own',
  };
}

export function noAgentFix({ agentDaemonSet, csiDaemonSet, obstacles }: ServingAgent, culprit: ObjectRef): Fix {
  const durable = 'spire-agent.tolerations of the SPIRE chart';
  const agent = agentDaemonSet.state === 'known' ? admit(agentDaemonSet.value, obstacles.agent) : undefined;
  const csi = csiDaemonSet.state === 'known' ? admit(csiDaemonSet.value, obstacles.csi) : undefined;
  if (!agent) {
    return {
      ...look(culprit, 'Let the agent run on this node: tolerations and nodeSelector of its DaemonSet decide.'),
      durable,
    };
  }
  return { ...agent, commands: [...(agent.commands ?? []), ...(csi?.commands ?? [])], durable };
}

/** What a failing agent says, and the workload of its server, decide. */
export function notReadyFix({ agentDaemonSet, server }: ServingAgent, trouble: readonly string[]): Fix {
  if (server?.replicas === 0) {
    const { ref } = server;
    return {
      summary: `Scale ${ref.kind} ${ref.namespace}/${ref.name} up: the SPIRE server has no replica, and agents cannot work without it.`,
      commands: [on(ref, ['scale', `${ref.kind.toLowerCase()}/${ref.name}`, '--replicas=1'])],
      durable: 'spire-server.replicaCount of the SPIRE chart',
      impact: 'cluster-wide',
      preconditions: ['nobody keeps it at 0 on purpose; where it ran with more replicas, use that number'],
      undo: 'scale it back to 0',
    };
  }
  if (agentDaemonSet.state !== 'known')
    return {
      summary: 'Mend the agent; what it says above tells what it lacks.',
      impact: 'none',
      manual: 'its DaemonSet was not seen',
    };
  const { name } = agentDaemonSet.value;
  const unstartable = isUnstartable(trouble);
  return {
    summary: unstartable
      ? 'Take back the last change of the agent\u2019s DaemonSet: its container cannot be started as it is described now.'
      : 'Restart the agents one after another: a new one attests anew. HAProxy keeps its SVID in memory meanwhile.',
    commands: [on(agentDaemonSet.value, ['rollout', unstartable ? 'undo' : 'restart', `daemonset/${name}`])],
    durable: 'spire-agent in the values of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: [
      unstartable
        ? 'the image or the configuration before the last change is still there'
        : 'what it says above is no cause that a restart would not change (a wrong setting, a full disk, a server that cannot be reached)',
    ],
  };
}

/** The driver only hands a directory on, so it follows the agent; pods keep the old directory until they are made anew. */
export function apartFix({ apart, csiDaemonSet }: ServingAgent, pod: PodView): Fix {
  if (!apart || csiDaemonSet.state !== 'known') {
    return {
      summary: 'Let the hostPath of the CSI driver and that of the agent be the same directory.',
      impact: 'cluster-wide',
      manual: 'where the agent has its sockets was not seen',
    };
  }
  const { agent, directory, volume } = apart;
  const { namespace, name } = csiDaemonSet.value;
  const body = { spec: { template: { spec: { volumes: [{ name: volume, hostPath: { path: directory } }] } } } };
  return {
    summary: `Let DaemonSet ${namespace}/${name} mount ${directory}, where the sockets of ${agent.namespace}/${agent.name} are; then restart the HAProxy pods.`,
    commands: [
      on(csiDaemonSet.value, ['patch', `daemonset/${name}`, '--type=strategic', '--patch', JSON.stringify(body)]),
      on(csiDaemonSet.value, ['rollout', 'status', `daemonset/${name}`, '--timeout=120s']),
      ...restartOf(pod),
    ],
    durable: 'spiffe-csi-driver.agentSocketPath and spire-agent.socketPath of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: [
      `${directory} is the directory that is meant; every pod with a volume of this driver sees it from its next start`,
    ],
    undo: 'set the path of the volume back',
  };
}
