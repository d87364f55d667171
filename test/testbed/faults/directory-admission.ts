import { writeField } from '../../scenario/field-edit.ts';
import type { Testbed } from '../installation.ts';
import type { Fault, ObjectChange } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';

const POD = 'spec.template.spec';

/** What the chart gives its own containers; those of the guide have nothing. */
const LIMITS = { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } };
const chartLimits: readonly ObjectChange[] = [
  { object: 'Deployment haptic/haptic-controller', set: { at: `${POD}.containers[0].resources`, to: LIMITS } },
  ...[0, 1].map((at) => ({ object: WORKLOAD, set: { at: `${POD}.containers[${at}].resources`, to: LIMITS } })),
];

/** New pods that the API server does not let in. */
export const ADMISSION_FAULTS: readonly Fault[] = [
  {
    name: 'quota-wants-limits',
    ids: ['G3'],
    about: "A ResourceQuota counts limits.cpu, which the guide's containers do not declare: no HAProxy pod is made.",
    change: [...chartLimits, quota({ 'limits.cpu': '20' })],
    expect: { check: 'spiffe-dir', message: 'quota-needs-limits', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'quota-wants-limits-at-an-upgrade',
    ids: ['G3'],
    about: 'A ResourceQuota came after the pods, and the next upgrade of the release gets no new one.',
    change: chartLimits,
    happens: async (testbed) => {
      const { add } = quota({ 'limits.cpu': '20', 'limits.memory': '20Gi' });
      testbed.store.create(add, { manager: 'kubectl-create' });
      await upgrade(testbed);
    },
    expect: { check: 'spiffe-dir', message: 'quota-needs-limits', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'quota-used-up',
    ids: ['G4'],
    about: 'The quota has room for the pods that run and none for one more while an upgrade rolls out.',
    change: [quota({ pods: '3' })],
    happens: upgrade,
    expect: { check: 'spiffe-dir', message: 'quota-exhausted', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'pod-security-restricted',
    ids: ['G5'],
    about: "The namespace was labelled restricted, and the guide's containers lack what that level demands.",
    happens: async (testbed) => {
      const { store } = testbed;
      const namespace = store.get({ kind: 'Namespace', name: 'haptic' });
      if (namespace === undefined) throw new Error('the namespace is gone');
      writeField(namespace, 'metadata.labels["pod-security.kubernetes.io/enforce"]', 'restricted');
      store.update(namespace, { manager: 'kubectl-label' });
      await upgrade(testbed);
    },
    expect: { check: 'spiffe-dir', message: 'pods-rejected', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'pod-security-from-the-beginning',
    ids: ['G5'],
    about: 'The release was installed into a namespace that is labelled restricted.',
    change: [
      {
        object: 'Namespace haptic',
        set: { at: 'metadata.labels["pod-security.kubernetes.io/enforce"]', to: 'restricted' },
      },
      // The chart's controller complies by itself.
      {
        object: 'Deployment haptic/haptic-controller',
        set: {
          at: `${POD}.containers[0].securityContext`,
          to: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      },
    ],
    expect: { check: 'spiffe-dir', message: 'pods-rejected', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
];

function quota(hard: Readonly<Record<string, string>>): {
  readonly add: Extract<ObjectChange, { add: unknown }>['add'];
} {
  return {
    add: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'compute', namespace: 'haptic' },
      spec: { hard: { ...hard } },
    },
  };
}

/** A new value in the pod template, as every upgrade of a release brings one. */
async function upgrade({ store, settle }: Testbed): Promise<void> {
  const workload = store.get({ kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' });
  if (workload === undefined) throw new Error('HAProxy is gone');
  writeField(workload, 'spec.template.metadata.annotations["example.com/release"]', '2');
  store.update(workload, { manager: 'helm' });
  await settle();
}
