import type { EditableObject } from '../../../scenario/field-edit.ts';
import type { Controller, KubeObject, Store } from '../../seams.ts';
import { eventRecorder, type RecordEvent } from '../event-recorder.ts';
import { dig, identityOf, keyOf, numberAt, objectAt, textAt, textsAt } from '../fields.ts';
import { contentHash } from '../names.ts';
import { controlledBy, ownedByThis } from '../ownership.ts';
import { deploymentStatus } from './deployment-status.ts';
import { isActive, isReady } from './pod-standing.ts';
import { fraction, nextStep } from './rolling-update.ts';

const MANAGER = 'kube-controller-manager';
const REVISION = 'deployment.kubernetes.io/revision';

/** Rolls out the templates of Deployments. */
export function deployments(store: Store, now: () => number): Controller {
  const record = eventRecorder(store, 'deployment-controller', now);
  return {
    name: 'deployments',
    reconcile: () => {
      for (const deployment of store.list('Deployment')) {
        const current = currentSet(store, deployment);
        if (current) rollOut(store, record, deployment, current);
        report(store, deployment, now());
      }
    },
  };
}

/** The ReplicaSet of the present template; made, or given the newest revision, when it is not the newest yet. Undefined while paused without one. */
function currentSet(store: Store, deployment: KubeObject): KubeObject | undefined {
  const sets = controlledBy(store, deployment, 'ReplicaSet');
  const template = objectAt(deployment, 'spec', 'template');
  const hash = contentHash(template);
  const found = sets.find((set) => textAt(set, 'metadata', 'labels', 'pod-template-hash') === hash);
  if (dig(deployment, 'spec', 'paused') === true) return found;
  const newest = Math.max(0, ...sets.filter((set) => set !== found).map(revisionOf));
  if (found && revisionOf(found) > newest) return found;
  const revision = String(newest + 1);
  noteRevision(store, deployment, revision);
  if (found) return store.update(withRevision(found, revision), { manager: MANAGER });
  const { namespace, name } = identityOf(deployment);
  const labels = { ...textsAt(template, 'metadata', 'labels'), 'pod-template-hash': hash };
  const selector = objectAt(deployment, 'spec', 'selector');
  const orphan = store.get({ kind: 'ReplicaSet', namespace, name: `${name}-${hash}` });
  if (orphan) {
    const adopted = { ...objectAt(orphan, 'metadata'), ownerReferences: [ownedByThis(deployment)] };
    return store.update(withRevision({ ...orphan, metadata: adopted }, revision), { manager: MANAGER });
  }
  const metadata: EditableObject = {
    name: `${name}-${hash}`,
    namespace,
    labels,
    annotations: { [REVISION]: revision },
    ownerReferences: [ownedByThis(deployment)],
  };
  return store.create(
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata,
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels: { ...textsAt(selector, 'matchLabels'), 'pod-template-hash': hash } },
        template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
      },
    },
    { manager: MANAGER },
  );
}

function rollOut(store: Store, record: RecordEvent, deployment: KubeObject, current: KubeObject): void {
  const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const { uid } = identityOf(current);
  const old = controlledBy(store, deployment, 'ReplicaSet')
    .filter((set) => identityOf(set).uid !== uid)
    .toSorted((a, b) => revisionOf(a) - revisionOf(b));
  const scale = (set: KubeObject, wanted: number) => {
    const before = wantedOf(set);
    if (before === wanted) return;
    store.update({ ...set, spec: { ...objectAt(set, 'spec'), replicas: wanted } }, { manager: MANAGER });
    const message = `Scaled ${wanted > before ? 'up' : 'down'} replica set ${identityOf(set).name} from ${before} to ${wanted}`;
    record({ about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message, nature: 'happened' });
  };
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') {
    for (const set of old) scale(set, 0);
    if (old.every((set) => controlledBy(store, set, 'Pod').length === 0)) scale(current, replicas);
    return;
  }
  const limits = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const maxSurge = fraction(limitOf(limits.maxSurge), replicas, 'up');
  const maxUnavailable = fraction(limitOf(limits.maxUnavailable), replicas, 'down');
  const standing = (set: KubeObject) => ({
    wanted: wantedOf(set),
    ready: controlledBy(store, set, 'Pod').filter(isReady).length,
  });
  const next = nextStep({
    replicas,
    maxSurge,
    // Both 0 would let nothing ever move.
    maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable,
    current: standing(current),
    old: old.map(standing),
  });
  scale(current, next.current);
  for (const [index, set] of old.entries()) scale(set, next.old[index] ?? 0);
  forgetOldSets(store, deployment, old);
}

function report(store: Store, deployment: KubeObject, now: number): void {
  const fresh = store.get(keyOf(deployment)) ?? deployment;
  const sets = controlledBy(store, fresh, 'ReplicaSet');
  const current = sets.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
  const podsOf = (set: KubeObject) => controlledBy(store, set, 'Pod').filter(isActive);
  const all = sets.flatMap(podsOf);
  const status = deploymentStatus(
    fresh,
    { current, pods: all, updated: current ? podsOf(current).length : 0, ready: all.filter(isReady).length },
    now,
  );
  store.update({ ...fresh, status }, { manager: MANAGER, subresource: 'status' });
}

function forgetOldSets(store: Store, deployment: KubeObject, old: readonly KubeObject[]): void {
  const kept = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
  const idle = old.filter((set) => wantedOf(set) === 0 && controlledBy(store, set, 'Pod').length === 0);
  for (const set of idle.slice(0, Math.max(0, idle.length - kept))) store.remove(keyOf(set));
}

function noteRevision(store: Store, deployment: KubeObject, revision: string): void {
  const fresh = store.get(keyOf(deployment));
  if (fresh) store.update(withRevision(fresh, revision), { manager: MANAGER });
}

function withRevision(object: KubeObject, revision: string): KubeObject {
  const metadata = objectAt(object, 'metadata');
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...textsAt(metadata, 'annotations'), [REVISION]: revision } },
  };
}

function revisionOf(set: KubeObject): number {
  return Number(textAt(set, 'metadata', 'annotations', REVISION) || '0');
}

function wantedOf(set: KubeObject): number {
  return numberAt(set, 'spec', 'replicas') ?? 1;
}

function limitOf(value: unknown): number | string {
  return typeof value === 'number' || typeof value === 'string' ? value : '25%';
}
