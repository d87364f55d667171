import type { LogLine } from '../facts/helper-log.ts';
import type { AgentPod } from '../facts/workload-api.ts';
import { absent, known, type ObjectRef, type Reading, unknown, valueOr } from '../reading.ts';
import { viewPod } from '../view-pod.ts';
import { originOf, type World } from '../world.ts';
import { podOnNode } from './agent-daemon-sets.ts';

/** Log lines that say why an agent does not serve; from spire-agent's own messages. */
const TROUBLE =
  /Agent crashed|Failed to retrieve attestation result|is not attested|Agent is banned|Agent needs to re-attest|Synchronize failed|SVID sync failed|Failed to fetch authorized entries|workload attestor .* failed|level=(?:fatal|error)|"level":"(?:fatal|error)"/;
/** An agent serves nothing before its server has attested it, and asks again every few seconds. */
const NOT_ATTESTED = /Failed to retrieve attestation result|is not attested|Agent is banned/;
const ATTESTED = /attestation was successful|Starting Workload/;
/** From the plugin that asks the kubelet who a process is. */
const ATTESTOR = /workload attestor .* failed/i;
const LINES_SHOWN = 3;
const RECENT_MS = 10 * 60_000;

/** The agent's pod on a node, whether it is ready, and what it says when it isn't. */
export function agentPodOn(world: World, daemonSet: ObjectRef, node: string): Reading<AgentPod> {
  const collected = podOnNode(world, daemonSet, node);
  if (!collected) {
    const { rest } = world.list('Pod', daemonSet.namespace);
    if (rest)
      return unknown(
        rest.why,
        `pods of ${daemonSet.namespace}/${daemonSet.name} on node ${node} were not seen: ${rest.detail}`,
        rest.rule,
      );
    return absent('object', `a pod of DaemonSet ${daemonSet.namespace}/${daemonSet.name} on node ${node}`, {
      object: daemonSet,
    });
  }
  const view = viewPod(collected);
  const container =
    view.containers.find(({ image }) => /spire-agent/.test(image.basename)) ??
    view.containers.find(({ place }) => place === 'main');
  const state = container?.status?.state;
  const trouble: string[] = [];
  if (state?.now === 'waiting') trouble.push(`${state.reason}${state.message === '' ? '' : `: ${state.message}`}`);
  const last = state?.now === 'terminated' ? state : container?.status?.last;
  if (last && !view.ready)
    trouble.push(`terminated with exit code ${last.exitCode}${last.message === '' ? '' : `: ${last.message}`}`);
  const lines = container ? recentLines(world, view.ref, container.name) : [];
  const unattested = lines.findLast(({ text }) => NOT_ATTESTED.test(text) || ATTESTED.test(text))?.text;
  // Without a probe a container is ready because it runs.
  const attested = unattested === undefined || ATTESTED.test(unattested);
  const ready = (view.ready ?? false) && attested;
  if (!ready) trouble.push(...lines.flatMap(({ text }) => (TROUBLE.test(text) ? [text] : [])).slice(-LINES_SHOWN));
  return known(
    {
      ref: view.ref,
      ready,
      attested,
      startedAt: state?.now === 'running' ? state.startedAt : 0,
      ...(view.createdAt === undefined ? {} : { createdAt: view.createdAt }),
      ending: view.deleting,
      trouble,
      attestorErrors: lines.filter(({ text }) => ATTESTOR.test(text)).slice(-LINES_SHOWN),
    },
    originOf(collected),
  );
}

/** What an agent has said lately, by the times that the kubelet puts before lines; nothing when it was not collected. */
function recentLines(world: World, pod: ObjectRef, container: string): readonly LogLine[] {
  const namespace = pod.namespace ?? '';
  const logs = [
    world.log(namespace, pod.name, container, { previous: true }),
    world.log(namespace, pod.name, container),
  ];
  const lines = logs.flatMap((log) => valueOr(log, { text: '' }).text.split('\n'));
  return lines.flatMap((line) => {
    const space = line.indexOf(' ');
    const at = Date.parse(line.slice(0, space));
    if (line === '' || world.now - at >= RECENT_MS) return [];
    return [{ at: Number.isNaN(at) ? world.now : at, text: line.slice(space + 1, 4000) }];
  });
}
