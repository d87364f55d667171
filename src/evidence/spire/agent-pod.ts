import type { AgentPod } from '../facts/workload-api.ts';
import { absent, known, type ObjectRef, type Reading, unknown, valueOr } from '../reading.ts';
import { viewPod } from '../view-pod.ts';
import { originOf, type World } from '../world.ts';
import { podOnNode } from './agent-daemon-sets.ts';

/** Log lines that say why an agent does not serve; from spire-agent's own messages. */
const TROUBLE =
  /Agent crashed|Failed to retrieve attestation result|is not attested|Agent is banned|Agent needs to re-attest|Synchronize failed|SVID sync failed|Failed to fetch authorized entries|workload attestor .* failed|level=(?:fatal|error)|"level":"(?:fatal|error)"/;
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
  if (!view.ready && container) trouble.push(...recentTrouble(world, view.ref, container.name));
  return known(
    {
      ref: view.ref,
      ready: view.ready ?? false,
      startedAt: state?.now === 'running' ? state.startedAt : 0,
      ...(view.createdAt === undefined ? {} : { createdAt: view.createdAt }),
      ending: view.deleting,
      trouble,
    },
    originOf(collected),
  );
}

function recentTrouble(world: World, pod: ObjectRef, container: string): readonly string[] {
  const namespace = pod.namespace ?? '';
  const logs = [
    world.log(namespace, pod.name, container, { previous: true }),
    world.log(namespace, pod.name, container),
  ];
  const lines = logs.flatMap((log) => valueOr(log, { text: '' }).text.split('\n'));
  const recent = lines.filter((line) => {
    const at = Date.parse(line.slice(0, line.indexOf(' ')));
    return TROUBLE.test(line.slice(0, 4000)) && (Number.isNaN(at) || world.now - at < RECENT_MS);
  });
  return recent.slice(-LINES_SHOWN).map((line) => line.slice(line.indexOf(' ') + 1));
}
