import type { EditableObject } from '../../../scenario/field-edit.ts';
import type { KubeObject, Store } from '../../seams.ts';
import { admitPod } from '../admission/admit-pod.ts';
import type { RecordEvent } from '../event-recorder.ts';
import { identityOf, keyOf, objectAt, textsAt } from '../fields.ts';
import { ownedByThis } from '../ownership.ts';

const MANAGER = 'kube-controller-manager';

export interface PodOrder {
  readonly owner: KubeObject;
  readonly name: string;
  /** In addition to the template's labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Laid over the template's spec. */
  readonly spec?: EditableObject;
}

/** Makes a pod of its owner's template; what admission says against it becomes an event, and is returned. */
export function makePod(store: Store, record: RecordEvent, order: PodOrder): string | undefined {
  const { owner, name, labels, spec } = order;
  const template = objectAt(owner, 'spec', 'template');
  const annotations = objectAt(template, 'metadata', 'annotations');
  const admission = admitPod(store, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: name.slice(0, name.lastIndexOf('-') + 1),
      namespace: identityOf(owner).namespace,
      labels: { ...textsAt(template, 'metadata', 'labels'), ...labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [ownedByThis(owner)],
    },
    spec: { ...podDefaults(), ...objectAt(template, 'spec'), ...spec },
    status: { phase: 'Pending' },
  });
  if (admission.is === 'refused') {
    const message = `Error creating: ${admission.message}`;
    record({ about: owner, type: 'Warning', reason: 'FailedCreate', message, nature: 'lasts' });
    return admission.message;
  }
  store.create(admission.pod, { manager: MANAGER });
  const message = `Created pod: ${name}`;
  record({ about: owner, type: 'Normal', reason: 'SuccessfulCreate', message, nature: 'happened' });
  return undefined;
}

/** Takes a pod away; its kubelet stops what still runs of it. */
export function endPod(store: Store, record: RecordEvent, owner: KubeObject, pod: KubeObject): void {
  store.remove(keyOf(pod));
  const message = `Deleted pod: ${identityOf(pod).name}`;
  record({ about: owner, type: 'Normal', reason: 'SuccessfulDelete', message, nature: 'happened' });
}

function podDefaults(): EditableObject {
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    terminationGracePeriodSeconds: 30,
  };
}
