import type { Fix } from '../../src/doctor/check.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { admit, look, on } from './admit.ts';

/** Reasons for which a container stays as it is until its description is another one. */
const UNSTARTABLE =
  /^(?:[\w-]+: )?(?:ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError)\b/;

/** True when one of the lines says that a container cannot be started as it is described. */
export function isUnstartable(trouble: readonly string[]): boolean {
  return trouble.some((line) => UNSTARTABLE.test(line));
}

/** Lets the driver run on the node, takes back what it cannot start with, or lets it start anew where nothing keeps it away. */
export function unregisteredFix(agent: ServingAgent, culprit: ObjectRef): Fix {
  const durable =
    'spiffe-csi-driver.tolerations, spire-agent.tolerations and spiffe-csi-driver.kubeletPath of the SPIRE chart';
  const { csiDaemonSet, agentDaemonSet, agentOnNode, obstacles, csiPods } = agent;
  if (csiDaemonSet.state !== 'known') {
    return {
      ...look(
        culprit,
        'Let the CSI driver run on this node: tolerations, nodeSelector and kubeletPath of its DaemonSet decide.',
      ),
      durable,
    };
  }
  const driver = admit(csiDaemonSet.value, obstacles.csi);
  if (driver) {
    const away = agentDaemonSet.state === 'known' && agentOnNode.state === 'absent';
    const both = away ? admit(agentDaemonSet.value, obstacles.agent) : undefined;
    return {
      ...driver,
      ...(both && {
        summary: `${driver.summary} ${both.summary}`,
        commands: [...(driver.commands ?? []), ...(both.commands ?? [])],
      }),
      durable,
    };
  }
  const { namespace, name } = csiDaemonSet.value;
  if (isUnstartable(csiPods?.trouble ?? [])) {
    return {
      summary: `Take back the last change of DaemonSet ${namespace}/${name}: a container of it cannot be started as it is described now.`,
      commands: [on(csiDaemonSet.value, ['rollout', 'undo', `daemonset/${name}`])],
      durable: 'spiffe-csi-driver in the values of the SPIRE chart',
      impact: 'cluster-wide',
      preconditions: ['the image or the configuration before the last change is still there'],
    };
  }
  return {
    summary: `Restart DaemonSet ${namespace}/${name}: nothing keeps it off the node, and a driver that starts registers with the kubelet.`,
    commands: [on(csiDaemonSet.value, ['rollout', 'restart', `daemonset/${name}`])],
    durable,
    impact: 'cluster-wide',
    preconditions: [
      'its pod on this node names no cause that a restart would not change (another kubelet directory, an image that cannot be pulled)',
    ],
    undo: 'none is needed: volumes that are mounted stay mounted',
  };
}

/** Labels the socket directory when the driver starts, as the SPIRE chart does it for nodes with SELinux. */
export function labelFix({ csiDaemonSet, csiPods }: ServingAgent): Fix | undefined {
  const directory = csiPods?.directory;
  if (csiDaemonSet.state !== 'known' || directory === undefined) return undefined;
  const { namespace, name } = csiDaemonSet.value;
  const resource = `daemonset/${name}`;
  const shared = {
    durable: 'spiffe-csi-driver.selinux.enabled, or global.openshift, of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: [
      'the audit log of the node shows that SELinux denies it (`ausearch -m avc`), not AppArmor and not the mode of the directory',
    ],
  } as const;
  const status = on(csiDaemonSet.value, ['rollout', 'status', resource, '--timeout=120s']);
  if (directory.labelled) {
    return {
      summary: `Restart DaemonSet ${namespace}/${name}: it labels the directory for SELinux when it starts, and the directory was made anew since.`,
      commands: [on(csiDaemonSet.value, ['rollout', 'restart', resource]), status],
      ...shared,
    };
  }
  const container: JsonObject = {
    name: 'set-context',
    image: 'registry.access.redhat.com/ubi9:latest',
    command: ['chcon', '-Rvt', 'container_file_t', directory.path],
    securityContext: { privileged: true, capabilities: { drop: ['all'] } },
    volumeMounts: [{ name: directory.volume, mountPath: directory.path }],
  };
  const body = JSON.stringify({ spec: { template: { spec: { initContainers: [container] } } } });
  return {
    summary: `Let DaemonSet ${namespace}/${name} label the directory for SELinux before it starts, as the SPIRE chart does where SELinux is turned on.`,
    commands: [on(csiDaemonSet.value, ['patch', resource, '--type=strategic', '--patch', body]), status],
    ...shared,
    undo: 'take the init container set-context out again',
  };
}
