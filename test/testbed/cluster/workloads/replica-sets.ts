import type { Controller, KubeObject, Store } from '../../seams.ts';
import { asCondition, conditionOf } from '../conditions.ts';
import { eventRecorder } from '../event-recorder.ts';
import { identityOf, numberAt, textAt } from '../fields.ts';
import { suffixOf } from '../names.ts';
import { controlledBy } from '../ownership.ts';
import { endPod, makePod } from './pod-maker.ts';
import { isActive, isReady, leastWorthFirst } from './pod-standing.ts';

const STATUS = { manager: 'kube-controller-manager', subresource: 'status' } as const;

/** Keeps as many pods as every ReplicaSet wants. */
export function replicaSets(store: Store, now: () => number): Controller {
  const record = eventRecorder(store, 'replicaset-controller', now);
  /** How many pods each ReplicaSet, by uid, has had: the next one's name follows from it. */
  const made = new Map<string, number>();

  /** The refusal, when admission let not all pods in. */
  const fill = (set: KubeObject, missing: number): string | undefined => {
    const { uid, namespace, name } = identityOf(set);
    for (let count = 0; count < missing; count += 1) {
      let serial = made.get(uid) ?? 0;
      const nameOf = () => `${name}-${suffixOf(`${namespace}/${name}/${serial}`, 5)}`;
      while (store.get({ kind: 'Pod', namespace, name: nameOf() })) serial += 1;
      const labels = { 'pod-template-hash': textAt(set, 'metadata', 'labels', 'pod-template-hash') };
      const refusal = makePod(store, record, { owner: set, name: nameOf(), labels });
      if (refusal !== undefined) return refusal;
      made.set(uid, serial + 1);
    }
    return undefined;
  };

  return {
    name: 'replicasets',
    reconcile: () => {
      for (const set of store.list('ReplicaSet')) {
        const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
        const pods = controlledBy(store, set, 'Pod').filter(isActive);
        const refusal = pods.length < wanted ? fill(set, wanted - pods.length) : undefined;
        const surplus = pods.toSorted(leastWorthFirst).slice(0, Math.max(0, pods.length - wanted));
        for (const pod of surplus) endPod(store, record, set, pod);
        report(store, set, refusal, now());
      }
    },
  };
}

function report(store: Store, set: KubeObject, refusal: string | undefined, now: number): void {
  const pods = controlledBy(store, set, 'Pod').filter(isActive);
  const ready = pods.filter(isReady).length;
  const before = conditionOf(set, 'ReplicaFailure');
  // The pod's name in the message may differ each time: the first refusal is as good as the last.
  const message = refusal ?? '';
  const failure =
    refusal === undefined
      ? []
      : [asCondition(set, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }, now)];
  const status = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 1,
    ...(failure.length > 0 ? { conditions: failure } : before ? { conditions: [] } : {}),
  };
  store.update({ ...set, status }, STATUS);
}
