import type { Platform } from '../../platform.ts';
import type { Controller, KubeObject, Store } from '../../seams.ts';
import { asCondition, type Condition, isTrue } from '../conditions.ts';
import { objectAt, objectsAt, textAt } from '../fields.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Registers the platform's nodes, says whether they are ready, and takes the pods of one that is not out of service. */
export function nodeLifecycle(store: Store, platform: Platform, now: () => number): Controller {
  return {
    name: 'nodes',
    reconcile: () => {
      for (const [name, { ready }] of platform.nodes) {
        keepNode(store, name, ready, now());
        if (!ready) markPodsNotReady(store, name, now());
      }
    },
  };
}

function keepNode(store: Store, name: string, ready: boolean, now: number): void {
  const before = store.get({ kind: 'Node', name }) ?? store.create(newNode(name), { manager: 'kubelet' });
  const condition: Condition = ready
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      };
  const conditions = [asCondition(before, condition, now)];
  const status = { ...objectAt(before, 'status'), conditions };
  const spec = objectAt(before, 'spec');
  const others = objectsAt(spec, 'taints').filter(({ key }) => key !== UNREACHABLE);
  const taints = ready ? others : [...others, { key: UNREACHABLE, effect: 'NoSchedule' }];
  const { taints: _before, ...rest } = spec;
  const tainted = { ...rest, ...(taints.length === 0 ? {} : { taints: [...taints] }) };
  const updated = store.update({ ...before, spec: tainted }, { manager: 'kube-controller-manager' });
  store.update({ ...updated, status }, { manager: 'kubelet', subresource: 'status' });
}

function newNode(name: string): KubeObject {
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: {},
    status: {
      nodeInfo: {
        kubeletVersion: 'v1.35.2',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        containerRuntimeVersion: 'containerd://2.1.4',
      },
    },
  };
}

function markPodsNotReady(store: Store, node: string, now: number): void {
  for (const pod of store.list('Pod')) {
    if (textAt(pod, 'spec', 'nodeName') !== node || !isTrue(pod, 'Ready')) continue;
    const conditions = objectsAt(pod, 'status', 'conditions').map((condition) =>
      condition.type === 'Ready' ? asCondition(pod, { type: 'Ready', status: 'False' }, now) : condition,
    );
    store.update(
      { ...pod, status: { ...objectAt(pod, 'status'), conditions } },
      { manager: 'kube-controller-manager', subresource: 'status' },
    );
  }
}
