import type { EditableObject } from '../../scenario/field-edit.ts';
import type { Controller, KubeObject, Store } from '../seams.ts';
import { objectAt, textAt } from './fields.ts';

/** What the API server fills in when it is left out; templates stay as they are. */
const DEFAULTS: Readonly<Record<string, EditableObject>> = {
  Deployment: {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
  },
  DaemonSet: {
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  },
  StatefulSet: {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  },
  ReplicaSet: { replicas: 1 },
};

/** Fills in the defaults of workloads that came into the store without them; they belong to whoever wrote the object first. */
export function workloadDefaults(store: Store): Controller {
  return {
    name: 'workload defaults',
    reconcile: () => {
      for (const object of Object.keys(DEFAULTS).flatMap((kind) => store.list(kind))) {
        const manager = textAt(object, 'metadata', 'managedFields', 0, 'manager') || 'kube-apiserver';
        store.update(withWorkloadDefaults(object), { manager });
      }
    },
  };
}

/** A workload with the defaults that `kubectl rollout` reads; every other object as it is. */
export function withWorkloadDefaults(object: KubeObject): KubeObject {
  const defaults = DEFAULTS[textAt(object, 'kind')];
  return defaults ? { ...object, spec: { ...structuredClone(defaults), ...objectAt(object, 'spec') } } : object;
}
