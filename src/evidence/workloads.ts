import { dig, listAt, objectAt, textAt } from './json.ts';
import type { PodView } from './pod-view.ts';
import type { ObjectRef } from './reading.ts';
import type { CollectedObject } from './snapshot.ts';
import { refKey, sameRef } from './subject.ts';
import { viewPod } from './view-pod.ts';
import { nameOf, namespaceOf, refOf, type World } from './world.ts';

const WORKLOAD_KINDS = ['Deployment', 'DaemonSet', 'StatefulSet'] as const;

/** A workload with the pods that it made, those that have ended or are ending apart. */
export interface WorkloadView {
  readonly ref: ObjectRef;
  readonly template: PodView;
  readonly collected?: CollectedObject;
  /** Pods that run or should. */
  readonly pods: readonly PodView[];
  /** Failed, Succeeded and terminating pods. */
  readonly leftovers: readonly PodView[];
  /** False when the newest ReplicaSet was seen and no pod is of it. */
  readonly hasCurrentPods: boolean;
}

/** All workloads and bare pods, pods joined to their makers by owner references; memoised. */
export function workloadsOf(world: World): readonly WorkloadView[] {
  return world.memo('workloads', () => {
    const makers = new Map<string, { collected?: CollectedObject; ref: ObjectRef; pods: PodView[] }>();
    for (const kind of WORKLOAD_KINDS) {
      for (const collected of world.list(kind).items)
        makers.set(refKey(refOf(collected.object)), { collected, ref: refOf(collected.object), pods: [] });
    }
    for (const collected of world.list('Pod').items) {
      const ref = makerOf(world, collected);
      const pod = viewPod(collected, ref);
      const maker = makers.get(refKey(ref));
      if (maker) maker.pods.push(pod);
      else makers.set(refKey(ref), { ref, pods: [pod] });
    }
    return [...makers.values()].flatMap(({ collected, ref, pods }) => {
      const template = collected ? viewPod(collected, ref) : pods[0];
      if (!template) return [];
      const over = (pod: PodView) => pod.deleting || pod.phase === 'Failed' || pod.phase === 'Succeeded';
      return [
        {
          ref,
          template,
          ...(collected ? { collected } : {}),
          pods: pods.filter((pod) => !over(pod)),
          leftovers: pods.filter(over),
          hasCurrentPods: hasCurrentPods(world, ref, pods),
        },
      ];
    });
  });
}

/** The Deployment, DaemonSet or StatefulSet that made a pod; the pod itself when nothing did. */
export function makerOf(world: World, collected: CollectedObject): ObjectRef {
  const { object } = collected;
  const owner = controllerOf(object);
  const namespace = namespaceOf(object);
  if (!owner) return refOf(object);
  if (owner.kind !== 'ReplicaSet') return scoped(owner.kind, namespace, owner.name);
  const replicaSet = world.object('ReplicaSet', namespace, owner.name);
  if (replicaSet.state === 'known') {
    const deployment = controllerOf(replicaSet.value.object);
    return deployment ? scoped(deployment.kind, namespace, deployment.name) : refOf(replicaSet.value.object);
  }
  // The Deployment controller names ReplicaSets `<deployment>-<pod-template-hash>`.
  const hash = textAt(dig(object, 'metadata', 'labels', 'pod-template-hash'));
  const suffix = hash === undefined ? '' : `-${hash}`;
  const isDeployment = suffix !== '' && owner.name.endsWith(suffix);
  return isDeployment
    ? scoped('Deployment', namespace, owner.name.slice(0, -suffix.length))
    : scoped('ReplicaSet', namespace, owner.name);
}

/** ReplicaSets of a Deployment, the current one first (by the deployment controller's revision annotation). */
export function replicaSetsOf(world: World, deployment: ObjectRef): readonly CollectedObject[] {
  const revision = (item: CollectedObject) =>
    Number(textAt(dig(item.object, 'metadata', 'annotations', 'deployment.kubernetes.io/revision')) ?? '0') || 0;
  return world
    .list('ReplicaSet', deployment.namespace)
    .items.filter((item) => {
      const owner = controllerOf(item.object);
      return owner?.kind === 'Deployment' && owner.name === deployment.name;
    })
    .toSorted((a, b) => revision(b) - revision(a));
}

function hasCurrentPods(world: World, ref: ObjectRef, pods: readonly PodView[]): boolean {
  const newest = ref.kind === 'Deployment' ? replicaSetsOf(world, ref)[0] : undefined;
  if (!newest) return pods.length > 0;
  return pods.some(({ raw }) => {
    const owner = controllerOf(raw);
    return (
      owner !== undefined &&
      sameRef({ kind: owner.kind, name: owner.name }, { kind: 'ReplicaSet', name: nameOf(newest.object) })
    );
  });
}

function controllerOf(object: unknown): { kind: string; name: string } | undefined {
  const owners = listAt(dig(object, 'metadata', 'ownerReferences')).map(objectAt);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  const kind = textAt(owner?.kind);
  const name = textAt(owner?.name);
  return kind === undefined || name === undefined ? undefined : { kind, name };
}

function scoped(kind: string, namespace: string | undefined, name: string): ObjectRef {
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}
