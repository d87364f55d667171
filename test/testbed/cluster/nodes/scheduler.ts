import type { Controller, KubeObject, Store } from '../../seams.ts';
import { asCondition, isTrue } from '../conditions.ts';
import { eventRecorder } from '../event-recorder.ts';
import { dig, identityOf, objectAt, objectsAt, textAt } from '../fields.ts';
import { controllerOf } from '../ownership.ts';
import { placementObstacle } from './placement.ts';

/** Gives every pod a node: the one with the fewest pods of the same maker, then the fewest pods, then the first by name. */
export function scheduler(store: Store, now: () => number): Controller {
  const record = eventRecorder(store, 'default-scheduler', now);
  return {
    name: 'scheduler',
    reconcile: () => {
      const waiting = store.list('Pod').filter((pod) => !textAt(pod, 'spec', 'nodeName') && !isEnding(pod));
      for (const pod of waiting) {
        const { namespace, name } = identityOf(pod);
        const choice = choose(store, pod);
        if (choice.is === 'node') {
          store.update(
            { ...pod, spec: { ...objectAt(pod, 'spec'), nodeName: choice.name } },
            { manager: 'kube-scheduler' },
          );
          const message = `Successfully assigned ${namespace}/${name} to ${choice.name}`;
          record({ about: pod, type: 'Normal', reason: 'Scheduled', message, nature: 'happened' });
          continue;
        }
        const { message } = choice;
        const condition = asCondition(
          pod,
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
          now(),
        );
        const status = { ...objectAt(pod, 'status'), phase: 'Pending', conditions: [condition] };
        store.update({ ...pod, status }, { manager: 'kube-scheduler', subresource: 'status' });
        record({ about: pod, type: 'Warning', reason: 'FailedScheduling', message, nature: 'lasts' });
      }
    },
  };
}

type Choice = { readonly is: 'node'; readonly name: string } | { readonly is: 'none'; readonly message: string };

function choose(store: Store, pod: KubeObject): Choice {
  const nodes = store.list('Node');
  const obstacles = new Map<string, number>();
  const able = nodes.filter((node) => {
    const obstacle = isTrue(node, 'Ready')
      ? placementObstacle(objectAt(pod, 'spec'), node)
      : 'had untolerated taint {node.kubernetes.io/unreachable: }';
    if (obstacle !== undefined) obstacles.set(obstacle, (obstacles.get(obstacle) ?? 0) + 1);
    return obstacle === undefined;
  });
  const placed = store.list('Pod').filter((other) => !isEnding(other));
  const maker = controllerOf(pod)?.uid;
  const load = (node: KubeObject) => {
    const there = placed.filter((other) => textAt(other, 'spec', 'nodeName') === identityOf(node).name);
    const kin = there.filter((other) => maker !== undefined && controllerOf(other)?.uid === maker);
    return kin.length * 1000 + there.length;
  };
  const best = able.toSorted((a, b) => load(a) - load(b) || (identityOf(a).name < identityOf(b).name ? -1 : 1))[0];
  if (best) return { is: 'node', name: identityOf(best).name };
  const reasons = [...obstacles].map(([obstacle, count]) => `${count} node(s) ${obstacle}`).toSorted();
  const none = `0/${nodes.length} nodes are available`;
  const tail = `preemption: ${none}: ${nodes.length} Preemption is not helpful for scheduling.`;
  return {
    is: 'none',
    message: reasons.length === 0 ? 'no nodes available to schedule pods' : `${none}: ${reasons.join(', ')}. ${tail}`,
  };
}

function isEnding(pod: KubeObject): boolean {
  return Boolean(dig(pod, 'metadata', 'deletionTimestamp')) || objectsAt(pod, 'spec', 'containers').length === 0;
}
