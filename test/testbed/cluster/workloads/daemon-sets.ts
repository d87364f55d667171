import type { EditableObject } from '../../../scenario/field-edit.ts';
import type { Controller, KubeObject, Store } from '../../seams.ts';
import { eventRecorder } from '../event-recorder.ts';
import { identityOf, numberAt, objectAt, objectsAt, textAt } from '../fields.ts';
import { contentHash, suffixOf } from '../names.ts';
import { placementObstacle } from '../nodes/placement.ts';
import { controlledBy } from '../ownership.ts';
import { endPod, makePod } from './pod-maker.ts';
import { isActive, isReady } from './pod-standing.ts';
import { keepRevision } from './revisions.ts';

/** What the controller lets every daemon tolerate. */
const TOLERATED: readonly EditableObject[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const REVISION_LABEL = 'controller-revision-hash';

/** One pod per node that fits; a new template replaces one pod after the other. */
export function daemonSets(store: Store, now: () => number): Controller {
  const record = eventRecorder(store, 'daemonset-controller', now);
  const made = new Map<string, number>();

  const order = (set: KubeObject, node: string, revision: string): void => {
    const { uid, namespace, name } = identityOf(set);
    let serial = made.get(uid) ?? 0;
    const nameOf = () => `${name}-${suffixOf(`${namespace}/${name}/${serial}`, 5)}`;
    while (store.get({ kind: 'Pod', namespace, name: nameOf() })) serial += 1;
    const spec = { nodeName: node, tolerations: tolerationsOf(set) };
    const refusal = makePod(store, record, {
      owner: set,
      name: nameOf(),
      labels: { [REVISION_LABEL]: revision },
      spec,
    });
    if (refusal === undefined) made.set(uid, serial + 1);
  };

  const keep = (set: KubeObject): void => {
    const revision = contentHash(objectAt(set, 'spec', 'template'));
    const wanted = nodesFor(store, set);
    const pods = controlledBy(store, set, 'Pod').filter(isActive);
    const isWanted = (pod: KubeObject) => wanted.includes(textAt(pod, 'spec', 'nodeName'));
    for (const pod of pods.filter((candidate) => !isWanted(candidate))) endPod(store, record, set, pod);
    const kept = pods.filter(isWanted);
    for (const node of wanted) {
      if (!kept.some((pod) => textAt(pod, 'spec', 'nodeName') === node)) order(set, node, revision);
    }
    const outdated = kept.filter((pod) => textAt(pod, 'metadata', 'labels', REVISION_LABEL) !== revision);
    const lacking = wanted.length - kept.filter(isReady).length;
    const idle = outdated.filter((pod) => !isReady(pod));
    const next = lacking === 0 ? outdated.slice(0, 1) : idle;
    if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
    for (const pod of next) endPod(store, record, set, pod);
  };

  return {
    name: 'daemonsets',
    reconcile: () => {
      for (const set of store.list('DaemonSet')) {
        keepRevision(store, set);
        keep(set);
        report(store, set);
      }
    },
  };
}

function report(store: Store, set: KubeObject): void {
  const revision = contentHash(objectAt(set, 'spec', 'template'));
  const desired = nodesFor(store, set);
  const pods = controlledBy(store, set, 'Pod').filter(isActive);
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((pod) => textAt(pod, 'metadata', 'labels', REVISION_LABEL) === revision).length;
  const status = {
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 1,
    desiredNumberScheduled: desired.length,
    currentNumberScheduled: pods.length,
    updatedNumberScheduled: updated,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: desired.length - ready,
    numberMisscheduled: 0,
  };
  store.update({ ...set, status }, { manager: 'kube-controller-manager', subresource: 'status' });
}

function nodesFor(store: Store, set: KubeObject): readonly string[] {
  const spec = { ...objectAt(set, 'spec', 'template', 'spec'), tolerations: tolerationsOf(set) };
  return store
    .list('Node')
    .filter((node) => placementObstacle(spec, node) === undefined)
    .map((node) => identityOf(node).name);
}

function tolerationsOf(set: KubeObject): EditableObject[] {
  return [...objectsAt(set, 'spec', 'template', 'spec', 'tolerations'), ...TOLERATED];
}
