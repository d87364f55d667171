import type { EditableObject } from '../../../scenario/field-edit.ts';
import type { KubeObject, Store } from '../../seams.ts';
import { asCondition, type Condition, conditionOf } from '../conditions.ts';
import { identityOf, keyOf, numberAt, objectAt, objectsAt, textAt } from '../fields.ts';
import { timestamp } from '../timestamp.ts';
import { fraction } from './rolling-update.ts';

export interface DeploymentPods {
  readonly current: KubeObject | undefined;
  readonly pods: readonly KubeObject[];
  /** Of the current template. */
  readonly updated: number;
  readonly ready: number;
}

const STATUS = { manager: 'kube-controller-manager', subresource: 'status' } as const;

export function deploymentStatus(deployment: KubeObject, seen: DeploymentPods, now: number): EditableObject {
  const { current, pods, updated, ready } = seen;
  const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const lacking = Math.max(0, replicas - ready);
  const failure = current && conditionOf(current, 'ReplicaFailure');
  const conditions = [availability(deployment, ready, replicas), progress(deployment, seen, replicas, now)];
  if (failure) {
    const message = textAt(failure, 'message');
    conditions.push({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message });
  }
  return {
    observedGeneration: numberAt(deployment, 'metadata', 'generation') ?? 1,
    replicas: pods.length,
    updatedReplicas: updated,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(lacking === 0 ? {} : { unavailableReplicas: lacking }),
    conditions: conditions.map((condition) => asCondition(deployment, { ...condition, updated: 'noted' }, now)),
  };
}

/** Lets a roll-out that has not finished run out of its time now. Throws when there is none. */
export function exceedProgressDeadline(store: Store, namespace: string, name: string, now: number): void {
  const deployment = store.get({ kind: 'Deployment', namespace, name });
  const before = deployment && conditionOf(deployment, 'Progressing');
  if (!deployment || !before || before.reason === 'NewReplicaSetAvailable')
    throw new Error(`Deployment ${namespace}/${name} has no roll-out under way`);
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600;
  const conditions = objectsAt(deployment, 'status', 'conditions').map((condition) =>
    condition.type === 'Progressing'
      ? { ...condition, lastUpdateTime: timestamp(now - (seconds + 1) * 1000) }
      : condition,
  );
  const status = { ...objectAt(store.get(keyOf(deployment)), 'status'), conditions };
  store.update({ ...deployment, status }, STATUS);
}

function availability(deployment: KubeObject, ready: number, replicas: number): Condition {
  const limit = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate').maxUnavailable;
  const share = fraction(typeof limit === 'number' || typeof limit === 'string' ? limit : '25%', replicas, 'down');
  return ready >= replicas - share
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progress(deployment: KubeObject, seen: DeploymentPods, replicas: number, now: number): Condition {
  const { current, pods, updated, ready } = seen;
  const name = current ? identityOf(current).name : '';
  const isComplete = current && updated === replicas && ready === replicas && pods.length === replicas;
  if (isComplete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message };
  }
  const before = conditionOf(deployment, 'Progressing');
  const wasComplete = before?.reason === 'NewReplicaSetAvailable' && textAt(before, 'message').includes(`"${name}"`);
  // Pods that fail later are no roll-out: the condition of a finished one stays.
  if (wasComplete && pods.length === updated) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: textAt(before, 'message'),
    };
  }
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600;
  const isSameRollOut = before !== undefined && textAt(before, 'message').includes(`"${name}"`) && !wasComplete;
  const hasMoved =
    updated > (numberAt(deployment, 'status', 'updatedReplicas') ?? 0) ||
    ready > (numberAt(deployment, 'status', 'readyReplicas') ?? 0);
  const isLate = now - Date.parse(textAt(before, 'lastUpdateTime')) > seconds * 1000;
  if (isSameRollOut && !hasMoved && (before.reason === 'ProgressDeadlineExceeded' || isLate)) {
    const message = `ReplicaSet "${name}" has timed out progressing.`;
    return { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message };
  }
  return {
    type: 'Progressing',
    status: 'True',
    reason: 'ReplicaSetUpdated',
    message: `ReplicaSet "${name}" is progressing.`,
  };
}
