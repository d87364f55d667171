import type { GatherItem } from '../../evidence/catalogue.ts';
import { objectAt } from '../../evidence/json.ts';
import type { ContainerView, PodView } from '../../evidence/pod-view.ts';
import type { LogRole } from '../../evidence/redact/index.ts';
import { viewPod } from '../../evidence/view-pod.ts';
import type { World } from '../../evidence/world.ts';
import type { LogTarget } from './logs.ts';

const WANTED: readonly {
  readonly item: GatherItem;
  readonly container: ContainerView['role'];
  readonly role: LogRole;
}[] = [
  { item: 'helper-logs', container: 'spiffe-helper', role: 'helper' },
  { item: 'reloader-logs', container: 'cert-reloader', role: 'reloader' },
  { item: 'controller-logs', container: 'controller', role: 'controller' },
];

/** Logs of a pod's containers as far as anything asks for them; also of the run before, where there was one. */
export function logsOf(pod: PodView, items: readonly GatherItem[]): readonly LogTarget[] {
  return WANTED.flatMap(({ item, container: wanted, role }) => {
    if (!items.includes(item)) return [];
    return pod.containers
      .filter((container) => container.role === wanted)
      .flatMap((container) => runsOf(pod, container, role));
  });
}

/** Logs of SPIRE agents on nodes with pods that are not ready, or that serve a helper in trouble: others have nothing to explain. */
export function logsOfAgents(
  world: World,
  { nodes, troubled }: { readonly nodes: ReadonlySet<string>; readonly troubled: ReadonlySet<string> },
  items: readonly GatherItem[],
): readonly LogTarget[] {
  if (!items.includes('agent-logs')) return [];
  return world.list('Pod').items.flatMap((collected) => {
    const { nodeName } = objectAt(collected.object.spec);
    if (typeof nodeName !== 'string' || !nodes.has(nodeName)) return [];
    const pod = viewPod(collected);
    if ((pod.ready && !troubled.has(nodeName)) || pod.deleting) return [];
    return pod.containers
      .filter(({ image }) => /spire-agent/.test(image.basename))
      .flatMap((container) => runsOf(pod, container, 'agent'));
  });
}

function runsOf(pod: PodView, { name, status }: ContainerView, role: LogRole): readonly LogTarget[] {
  const target = { namespace: pod.ref.namespace ?? '', pod: pod.ref.name, container: name, role };
  const began =
    status !== undefined &&
    (status.state.now === 'running' || status.state.now === 'terminated' || status.restarts > 0);
  if (!began) return [];
  return [{ ...target, previous: false }, ...(status.restarts > 0 ? [{ ...target, previous: true }] : [])];
}
