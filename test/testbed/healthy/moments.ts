import { readField, writeField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import type { Testbed } from '../installation.ts';
import type { KubeObject } from '../seams.ts';
import { template } from './template.ts';

const HAPROXY = { kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' };
const MINUTE = 60_000;

/** What a healthy installation goes through. */
export const MOMENT_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'no-ingress-annotated',
    about: 'No Ingress asks for mTLS yet.',
    change: [{ object: 'Ingress shop/api', set: { at: 'metadata.annotations', to: {} } }],
    clients: { get: '502', because: 'the backend takes nothing but TLS already' },
  },
  {
    name: 'no-ingress',
    about: 'There is no Ingress at all yet.',
    change: [{ remove: 'Ingress shop/api' }],
    clients: { get: '503', because: 'nothing leads anywhere' },
  },
  {
    name: 'backend-scaled-to-zero',
    about: 'The backend has been scaled to zero.',
    change: [{ object: 'Deployment shop/api', set: { at: 'spec.replicas', to: 0 } }],
    clients: { get: '503', because: 'nobody is there to answer' },
  },
  {
    name: 'roll-out-in-progress',
    about: 'A roll-out has just begun: the image of the first new pod is still being pulled.',
    platform: (platform) => {
      const { pull } = platform;
      platform.pull = (image) => (image === 'busybox:1.38' ? { answer: 'pulling' } : pull(image));
    },
    happens: (testbed) => upgrade(testbed, 'initContainers[0].image', 'busybox:1.38'),
    unready: { pods: 1, because: 'it is new' },
    unknown: {
      'helper-image-tag': "the kubelet has not come to spiffe-helper's image",
      'svid-issued': 'spiffe-helper of the new pod has not started',
      'svid-valid': 'the new pod has no files yet',
      'san-contents': 'the new pod has no files yet',
      'cert-loaded': 'HAProxy of the new pod has not started',
    },
  },
  {
    name: 'rolled-out',
    about: 'A roll-out has ended minutes ago, and its old ReplicaSet is still there.',
    happens: async (testbed) => {
      await upgrade(testbed, 'initContainers[0].image', 'busybox:1.38');
      testbed.age(5 * MINUTE);
    },
  },
  {
    name: 'failed-pods-left-over',
    about: 'An evicted pod and one that has ended are still listed.',
    happens: async (testbed) => {
      const [like] = testbed.store.list('Pod', 'haptic').filter((pod) => /^haptic-haproxy-/.test(nameOf(pod)));
      if (like === undefined) throw new Error('HAProxy has no pods');
      for (const [suffix, phase] of [
        ['evict', 'Failed'],
        ['ended', 'Succeeded'],
      ] as const)
        testbed.store.create(leftOver(like, suffix, phase), { manager: 'kubelet' });
      testbed.age(60 * MINUTE);
    },
  },
  {
    name: 'node-not-ready',
    about: 'A node does not answer; HAProxy goes on on the other one.',
    happens: async ({ platform, store, settle, age }) => {
      const [api] = store.list('Pod', 'shop');
      const lost = readField(api ?? {}, 'spec.nodeName') === 'node-b' ? 'node-a' : 'node-b';
      const node = platform.nodes.get(lost);
      if (node !== undefined) node.ready = false;
      await settle();
      age(2 * MINUTE);
    },
    unready: { pods: 5, because: 'they are on that node' },
  },
  {
    name: 'one-replica',
    about: 'HAProxy has one pod.',
    change: [{ object: 'Deployment haptic/haptic-haproxy', set: { at: 'spec.replicas', to: 1 } }],
  },
  {
    name: 'helper-probes-named-port',
    about: "Probes name spiffe-helper's port.",
    change: [
      template('containers[2].ports', [{ name: 'health', containerPort: 8081 }]),
      template('containers[2].livenessProbe.httpGet.port', 'health'),
      template('containers[2].readinessProbe.httpGet.port', 'health'),
    ],
  },
];

async function upgrade({ store, settle }: Testbed, at: string, to: string): Promise<void> {
  const object = store.get(HAPROXY);
  if (object === undefined) throw new Error('HAProxy has no Deployment');
  writeField(object, `spec.template.spec.${at}`, to);
  store.update(object, { manager: 'helm' });
  await settle();
}

/** What remains of a pod that nobody runs any more. */
function leftOver(like: KubeObject, suffix: string, phase: 'Failed' | 'Succeeded'): KubeObject {
  const why: KubeObject =
    phase === 'Failed' ? { reason: 'Evicted', message: 'The node was low on resource: memory.' } : {};
  const { labels = {}, ownerReferences = [], namespace = 'haptic' } = Object(like.metadata);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: nameOf(like).replace(/[^-]+$/, suffix), namespace, labels, ownerReferences },
    spec: like.spec ?? {},
    status: { phase, ...why, containerStatuses: [] },
  };
}

function nameOf(object: KubeObject): string {
  return String(readField(object, 'metadata.name'));
}
