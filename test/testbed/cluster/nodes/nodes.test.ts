import { afterEach, expect, test } from 'vitest';
import { baseObjects } from '../../../scenario/build.ts';
import { type ClusterUnderTest, clusterUnderTest, deployment } from '../cluster-under-test.ts';
import { conditionOf, isTrue } from '../conditions.ts';
import { dig, objectsAt, textAt } from '../fields.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

test('the healthy installation comes up: every pod is Ready and every driver registered', async () => {
  cluster = clusterUnderTest();
  for (const object of await baseObjects()) cluster.apply(object);
  await cluster.settle();

  const pods = cluster.store.list('Pod');
  const workloads = pods.map((pod) => textAt(pod, 'metadata', 'name').replace(/(?:-[^-]{9})?-[^-]{1,5}$/, ''));
  expect(workloads.toSorted()).toEqual([
    'api',
    'haptic-controller',
    'haptic-haproxy',
    'haptic-haproxy',
    'spire-agent',
    'spire-agent',
    'spire-server',
    'spire-spiffe-csi-driver',
    'spire-spiffe-csi-driver',
  ]);
  expect(pods.filter((pod) => !isTrue(pod, 'Ready'))).toEqual([]);
  expect(new Set(cluster.pods('haptic', 'haptic-haproxy').map((pod) => dig(pod, 'spec', 'nodeName')))).toEqual(
    new Set(['node-a', 'node-b']),
  );
  for (const node of ['node-a', 'node-b']) {
    const registered = objectsAt(cluster.store.get({ kind: 'CSINode', name: node }), 'spec', 'drivers');
    expect(registered.map(({ name }) => name)).toEqual(['csi.spiffe.io']);
  }
  expect(cluster.one('Deployment', 'haptic', 'haptic-haproxy').status).toMatchObject({
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  });
  expect(cluster.one('DaemonSet', 'spire-server', 'spire-agent').status).toMatchObject({
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberUnavailable: 0,
  });
  expect(cluster.one('StatefulSet', 'spire-server', 'spire-server').status).toMatchObject({
    readyReplicas: 1,
    updatedReplicas: 1,
  });
  const [api] = cluster.pods('shop', 'api');
  expect(cluster.one('Endpoints', 'shop', 'api').subsets).toMatchObject([
    {
      addresses: [
        {
          ip: textAt(api, 'status', 'podIP'),
          targetRef: {
            kind: 'Pod',
            namespace: 'shop',
            name: textAt(api, 'metadata', 'name'),
            uid: textAt(api, 'metadata', 'uid'),
          },
        },
      ],
      ports: [{ name: 'https', port: 8443 }],
    },
  ]);
});

test('a tainted node is left by daemons that do not tolerate it, and with it the driver goes', async () => {
  cluster = clusterUnderTest();
  for (const object of await baseObjects()) cluster.apply(object);
  await cluster.settle();
  const node = cluster.store.get({ kind: 'Node', name: 'node-b' }) ?? {};
  cluster.store.update(
    { ...node, spec: { taints: [{ key: 'edge', value: 'yes', effect: 'NoSchedule' }] } },
    { manager: 'test' },
  );
  await cluster.settle();
  expect(cluster.pods('spire-server', 'spire-spiffe').map((pod) => dig(pod, 'spec', 'nodeName'))).toEqual(['node-a']);
  expect(dig(cluster.store.get({ kind: 'CSINode', name: 'node-b' }), 'spec', 'drivers')).toEqual([]);
});

test('the pods of a node that is not ready leave their Services but stay', async () => {
  cluster = clusterUnderTest();
  for (const object of await baseObjects()) cluster.apply(object);
  await cluster.settle();
  const node = String(dig(cluster.pods('shop', 'api')[0], 'spec', 'nodeName'));
  const state = cluster.platform.nodes.get(node);
  if (state) state.ready = false;
  await cluster.settle();
  expect(isTrue(cluster.store.get({ kind: 'Node', name: node }) ?? {}, 'Ready')).toBe(false);
  expect(cluster.pods('shop', 'api')).toHaveLength(1);
  expect(dig(cluster.one('Endpoints', 'shop', 'api'), 'subsets', 0, 'addresses')).toBeUndefined();
  expect(objectsAt(cluster.one('Endpoints', 'shop', 'api'), 'subsets', 0, 'notReadyAddresses')).toHaveLength(1);
  const ref = { namespace: 'shop', pod: textAt(cluster.pods('shop', 'api')[0], 'metadata', 'name'), container: 'api' };
  expect(await cluster.kubelets.exec(ref, ['true'])).toMatchObject({
    refused: expect.stringContaining('error dialing backend'),
  });
  if (state) state.ready = true;
  await cluster.settle();
  expect(objectsAt(cluster.one('Endpoints', 'shop', 'api'), 'subsets', 0, 'addresses')).toHaveLength(1);
});

test('a pod that fits on no node says why', async () => {
  cluster = clusterUnderTest();
  cluster.apply(deployment('web', { spec: { nodeSelector: { disk: 'fast' } } }));
  await cluster.settle();
  const words =
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";
  expect(cluster.messages('FailedScheduling')).toEqual([words]);
  const [pod] = cluster.pods('test', 'web');
  expect(conditionOf(pod ?? {}, 'PodScheduled')).toMatchObject({
    status: 'False',
    reason: 'Unschedulable',
    message: words,
  });
});
