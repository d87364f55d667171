import type { Controller, KubeObject, Store } from '../../seams.ts';
import { eventRecorder } from '../event-recorder.ts';
import { identityOf, numberAt, objectAt, objectsAt, textAt } from '../fields.ts';
import { contentHash } from '../names.ts';
import { controlledBy } from '../ownership.ts';
import { endPod, makePod } from './pod-maker.ts';
import { isActive, isReady } from './pod-standing.ts';

const REVISION_LABEL = 'controller-revision-hash';

/** Pods with ordinals, made one after the other; a new template replaces them from the last to the first. */
export function statefulSets(store: Store, now: () => number): Controller {
  const record = eventRecorder(store, 'statefulset-controller', now);

  const keep = (set: KubeObject): void => {
    const { name } = identityOf(set);
    const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
    const revision = revisionOf(set);
    const all = controlledBy(store, set, 'Pod');
    const byOrdinal = (ordinal: number) => all.find((pod) => identityOf(pod).name === `${name}-${ordinal}`);
    const surplus = all.filter(isActive).filter((pod) => ordinalOf(pod) >= wanted);
    for (const pod of surplus) endPod(store, record, set, pod);
    const inParallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
    for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
      const pod = byOrdinal(ordinal);
      if (pod && (isReady(pod) || inParallel)) continue;
      if (!pod) {
        const labels = {
          [REVISION_LABEL]: revision,
          'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
          'apps.kubernetes.io/pod-index': String(ordinal),
        };
        const claimed = objectsAt(set, 'spec', 'volumeClaimTemplates').map((claim) =>
          textAt(claim, 'metadata', 'name'),
        );
        const volumes = [
          ...objectsAt(set, 'spec', 'template', 'spec', 'volumes'),
          ...claimed.map((claim) => ({
            name: claim,
            persistentVolumeClaim: { claimName: `${claim}-${name}-${ordinal}` },
          })),
        ];
        const spec = { hostname: `${name}-${ordinal}`, ...(volumes.length === 0 ? {} : { volumes }) };
        makePod(store, record, { owner: set, name: `${name}-${ordinal}`, labels, spec });
      }
      if (!inParallel) break;
    }
    replaceLast(set, controlledBy(store, set, 'Pod'), revision);
  };

  const replaceLast = (set: KubeObject, pods: readonly KubeObject[], revision: string): void => {
    if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
    const outdated = pods
      .filter(isActive)
      .filter((pod) => textAt(pod, 'metadata', 'labels', REVISION_LABEL) !== revision)
      .toSorted((a, b) => ordinalOf(b) - ordinalOf(a))[0];
    const isSettled = pods.every((pod) => isReady(pod) || pod === outdated);
    if (outdated && isSettled) endPod(store, record, set, outdated);
  };

  return {
    name: 'statefulsets',
    reconcile: () => {
      for (const set of store.list('StatefulSet')) {
        keep(set);
        report(store, set);
      }
    },
  };
}

function report(store: Store, set: KubeObject): void {
  const revision = revisionOf(set);
  const pods = controlledBy(store, set, 'Pod').filter(isActive);
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((pod) => textAt(pod, 'metadata', 'labels', REVISION_LABEL) === revision);
  const isDone = updated.length === pods.length && updated.every(isReady);
  const before = textAt(set, 'status', 'currentRevision') || revision;
  const status = {
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 1,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: isDone ? pods.length : pods.length - updated.length,
    updatedReplicas: updated.length,
    currentRevision: isDone ? revision : before,
    updateRevision: revision,
  };
  store.update({ ...set, status }, { manager: 'kube-controller-manager', subresource: 'status' });
}

function revisionOf(set: KubeObject): string {
  return `${identityOf(set).name}-${contentHash(objectAt(set, 'spec', 'template'))}`;
}

function ordinalOf(pod: KubeObject): number {
  const name = identityOf(pod).name;
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
