import type { FactReader } from '../catalogue.ts';
import type { PodView } from '../pod-view.ts';
import { known, type ObjectRef, type Reading, type Unknown, unknown } from '../reading.ts';
import { refKey, type Subject } from '../subject.ts';
import { workloadsOf } from '../workloads.ts';
import type { World } from '../world.ts';

/** The pod of a haproxy-pod or controller-pod subject, or the template where there is no pod. */
export function podOf(world: World, subject: Subject): Reading<PodView> {
  const view = viewsOf(world).get(refKey(subject.ref));
  if (view) return known(view, { object: view.ref });
  return unknown('no-evidence', `${subject.ref.kind} ${subject.ref.name} was not collected`);
}

function viewsOf(world: World): ReadonlyMap<string, PodView> {
  return world.memo('pods by reference', () => {
    const views = new Map<string, PodView>();
    for (const { ref, template, pods } of workloadsOf(world)) {
      views.set(refKey(ref), template);
      for (const pod of pods) views.set(refKey(pod.ref), pod);
    }
    return views;
  });
}

/** Why nothing can be asked of a workload that stands for its pods: none was seen, or none could be. */
export function noPodToAsk(world: World, { namespace }: ObjectRef, detail: string): Unknown {
  const unseen = world.fromFiles ? undefined : world.list('Pod', namespace).rest;
  return unseen ?? unknown('not-running', detail);
}

export const pod: FactReader<PodView> = { gather: ['pods'], read: podOf };
