import { dig, type JsonObject, listAt, objectAt, textAt, textsAt } from '../json.ts';
import type { CollectedObject } from '../snapshot.ts';
import type { World } from '../world.ts';

/** What keeps a DaemonSet's pods off a node. */
export type Obstacle =
  | {
      readonly is: 'taint';
      readonly key: string;
      readonly value: string;
      readonly effect: string;
      readonly first: boolean;
    }
  | { readonly is: 'node-selector'; readonly key: string; readonly wanted: string; readonly actual?: string };

/** Taints that the DaemonSet controller lets its pods tolerate by itself. */
const TOLERATED_ANYWAY =
  /^node\.kubernetes\.io\/(?:not-ready|unreachable|disk-pressure|memory-pressure|pid-pressure|unschedulable|network-unavailable)$/;

/** Taints that the pods do not tolerate and labels that the node lacks; empty when there are none or the node was not seen. */
export function obstaclesOn(world: World, daemonSet: CollectedObject, node: string | undefined): readonly Obstacle[] {
  const seen = node === undefined ? undefined : world.object('Node', undefined, node);
  if (seen?.state !== 'known') return [];
  const spec = objectAt(dig(daemonSet.object, 'spec', 'template', 'spec'));
  const tolerations = listAt(spec.tolerations).map(objectAt);
  const taints = listAt(dig(seen.value.object, 'spec', 'taints')).map(objectAt);
  const labels = textsAt(dig(seen.value.object, 'metadata', 'labels'));
  return [
    ...taints.flatMap((taint): readonly Obstacle[] => {
      const key = textAt(taint.key) ?? '';
      const effect = textAt(taint.effect) ?? '';
      const hinders = effect === 'NoSchedule' || effect === 'NoExecute';
      if (!hinders || TOLERATED_ANYWAY.test(key) || tolerations.some((one) => tolerates(one, taint))) return [];
      return [{ is: 'taint', key, value: textAt(taint.value) ?? '', effect, first: tolerations.length === 0 }];
    }),
    ...Object.entries(textsAt(spec.nodeSelector)).flatMap(([key, wanted]): readonly Obstacle[] => {
      const actual = labels[key];
      return actual === wanted
        ? []
        : [{ is: 'node-selector', key, wanted, ...(actual === undefined ? {} : { actual }) }];
    }),
  ];
}

/** As the scheduler matches them: an empty key tolerates every taint, an empty effect every effect. */
function tolerates(toleration: JsonObject, taint: JsonObject): boolean {
  const { key, operator, value, effect } = toleration;
  if (textAt(effect) && effect !== taint.effect) return false;
  if (operator === 'Exists') return !textAt(key) || key === taint.key;
  return key === taint.key && (textAt(value) ?? '') === (textAt(taint.value) ?? '');
}
