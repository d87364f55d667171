import type { Fix } from '../../src/doctor/check.ts';
import type { ConfigSource } from '../../src/evidence/facts/helpers.ts';
import type { Registration } from '../../src/evidence/facts/registration.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { withoutMaskedComments } from '../../src/evidence/helper-config/text-edit.ts';
import { replacementOf } from '../../src/evidence/pod-replacement.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { mergeInto, registerPods } from '../../src/evidence/registration-change.ts';
import { scaleUp } from '../../src/evidence/scale-up.ts';
import { changeHelperConfig } from '../../src/evidence/workload-change.ts';

export function readLogFix(pod: PodView, container: string): Fix {
  return {
    summary: 'read what the helper says',
    commands: [
      {
        args: [
          'logs',
          pod.from === 'pod' ? pod.ref.name : `${pod.workload.kind.toLowerCase()}/${pod.workload.name}`,
          '-c',
          container,
          '--tail',
          '50',
        ],
      },
    ],
    manual: 'the log decides: see the entry of this message',
    impact: 'none',
  };
}

/** A new helper asks anew; where no agent was seen ready it would find less than the old one has. */
export function startAnewFix(pod: PodView, agents: Reading<readonly ServingAgent[]>): Fix {
  return {
    summary: 'Replace the pods one after another: a new helper asks for the SVID and writes all its files anew.',
    ...replacementOf(pod, agents),
    impact: 'rollout',
    preconditions: ['the SPIRE agent on the pod\u2019s node is ready: a new pod needs a new SVID'],
  };
}

/** The hint that the issued SVID carries, or none where that is not one alone. */
export function hintFix(
  pod: PodView,
  source: ConfigSource | undefined,
  line: number | undefined,
  hint: string | undefined,
): Fix {
  const summary =
    hint === undefined
      ? 'Take the hint out of helper.conf, so that the helper takes the default SVID.'
      : `Ask for the hint that the pod\u2019s ClusterSPIFFEID carries: ${hint}`;
  const lines = source?.text.split('\n') ?? [];
  const before = line === undefined ? undefined : lines[line - 1];
  if (source === undefined || line === undefined || before === undefined) {
    return { summary, impact: 'rollout', manual: 'the line that sets the hint was not seen' };
  }
  const setting = /hint"?\s*=\s*"(?:[^"\\]|\\.)*"/.exec(before)?.[0];
  if (setting === undefined) return { summary, impact: 'rollout', manual: 'the hint is not written as one string' };
  const after = before.replace(setting, () => (hint === undefined ? '' : `hint = ${JSON.stringify(hint)}`)).trimEnd();
  const name = `ConfigMap ${source.configMap.namespace}/${source.configMap.name}`;
  return {
    summary,
    ...changeHelperConfig(pod, source.configMap, source.key, lines.with(line - 1, after).join('\n')),
    edit: {
      file: `${name}, ${source.key}`,
      line,
      before: withoutMaskedComments(before).trim(),
      after: withoutMaskedComments(after).trim(),
    },
    durable: 'helper.conf in the ConfigMap of the Helm values (extraDeploy)',
    impact: 'rollout',
  };
}

export function registerFix(pod: PodView, registration: Registration): Fix {
  const change = registerPods(pod, registration);
  const durable = 'controllerManager.identities.clusterSPIFFEIDs of the SPIRE chart';
  if (change) return { ...change, durable, impact: 'cluster-wide' };
  return {
    summary: `register spiffe://TRUST-DOMAIN/ns/${pod.ref.namespace}/sa/${pod.serviceAccount}, by a ClusterSPIFFEID or an entry`,
    durable,
    manual: 'no spire-controller-manager was seen that would make an entry of a ClusterSPIFFEID',
    impact: 'cluster-wide',
    preconditions: ['the selectors match HAProxy\u2019s pods and nothing that must not have the same identity'],
  };
}

export const RUNS_CONTROLLER = 'it runs the spire-controller-manager and has no replica';

/** What the server is known to refuse in an entry; taken out, the entry is made without it. */
export function lookAtEntriesFix(pod: PodView, registration: Reading<Registration>): Fix {
  const failing =
    registration.state === 'known'
      ? registration.value.effective.find(({ entryFailures }) => entryFailures > 0)
      : undefined;
  const controller = registration.state === 'known' ? registration.value.controller : undefined;
  if (controller?.replicas === 0) {
    return { ...scaleUp(controller.ref, RUNS_CONTROLLER), impact: 'cluster-wide' };
  }
  if (failing === undefined) {
    return {
      summary: `compare the entries of the SPIRE server with what runs: namespace ${pod.ref.namespace}, service account ${pod.serviceAccount}`,
      manual: 'entries are only shown by the SPIRE server itself (spire-server entry show)',
      impact: 'none',
    };
  }
  const { clusterSpiffeId, federatesWith, dnsNameTemplates } = failing;
  const field =
    federatesWith.length > 0 ? 'federatesWith' : dnsNameTemplates.length > 0 ? 'dnsNameTemplates' : undefined;
  const refused = `ClusterSPIFFEID ${clusterSpiffeId.name} counts ${failing.entryFailures} entries that the server refused`;
  if (field === undefined) {
    return {
      summary: `${refused}: the log of spire-controller-manager says why`,
      manual: 'nothing that a server is known to refuse stands in the object',
      impact: 'none',
    };
  }
  const cause =
    field === 'federatesWith'
      ? `a trust domain in federatesWith (${federatesWith.join(', ')}) that it does not know`
      : `a name from dnsNameTemplates (${dnsNameTemplates.join(', ')}) that is no DNS name`;
  return {
    summary: `${refused}. Take ${field} out of it.`,
    commands: [mergeInto(clusterSpiffeId, { [field]: null })],
    durable: 'the ClusterSPIFFEID\u2019s manifest, or controllerManager.identities.clusterSPIFFEIDs of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: [`the log of spire-controller-manager names ${cause}`],
    undo: `set spec.${field} back to what it was`,
  };
}

/** An agent that does not share the node's processes finds no container behind a process; what else fails its log says. */
export function attestationFix({ node }: PodView, agents: Reading<readonly ServingAgent[]>): Fix {
  const durable = 'workloadAttestors.k8s (verification, kubelet address) in the values of the SPIRE chart';
  const apart = (agents.state === 'known' ? agents.value : []).find(({ sharesNodePids }) => sharesNodePids === false);
  if (apart?.agentDaemonSet.state === 'known') {
    const { namespace, name } = apart.agentDaemonSet.value;
    const body = JSON.stringify({ spec: { template: { spec: { hostPID: true } } } });
    return {
      summary: `Let the pods of DaemonSet ${namespace}/${name} share the node\u2019s processes: without hostPID the agent cannot tell which container a process belongs to.`,
      commands: [
        {
          ...(namespace === undefined ? {} : { namespace }),
          args: ['patch', `daemonset/${name}`, '--type=strategic', '--patch', body],
        },
      ],
      durable: 'the DaemonSet of the agent in the SPIRE chart, which sets hostPID',
      impact: 'cluster-wide',
      preconditions: ['the policy of the namespace allows hostPID; every agent restarts, one after another'],
      undo: 'set hostPID back to false',
    };
  }
  return {
    summary: `read the log of the SPIRE agent on node ${node ?? '?'}: its workload attestor says what it could not ask the kubelet`,
    durable,
    manual: 'what the kubelet refuses differs by cluster',
    impact: 'none',
  };
}
