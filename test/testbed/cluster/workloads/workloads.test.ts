import { afterEach, expect, test } from 'vitest';
import type { KubeObject } from '../../seams.ts';
import { type ClusterUnderTest, clusterUnderTest, deployment } from '../cluster-under-test.ts';
import { isTrue } from '../conditions.ts';
import { dig, objectAt, textAt } from '../fields.ts';
import { withWorkloadDefaults } from '../workload-defaults.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

test('a new template replaces the pods of a DaemonSet one node after the other', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply, pods, one } = cluster;
  const daemons = (image: string): KubeObject => ({
    ...deployment('agent', { container: { image } }),
    kind: 'DaemonSet',
  });
  apply(daemons('example.net/main:1'));
  await settle();
  let fewest = 2;
  const stop = store.subscribe(({ type, object }) => {
    const left = pods('test', 'agent').filter((pod) => isTrue(pod, 'Ready')).length;
    if (object.kind === 'Pod' && type === 'DELETED') fewest = Math.min(fewest, left);
  });
  apply(daemons('example.net/main:2'));
  await settle();
  stop();
  expect(fewest).toBe(1);
  expect(pods('test', 'agent').map((pod) => dig(pod, 'spec', 'containers', 0, 'image'))).toEqual([
    'example.net/main:2',
    'example.net/main:2',
  ]);
  expect(one('DaemonSet', 'test', 'agent').status).toMatchObject({
    updatedNumberScheduled: 2,
    numberAvailable: 2,
  });
});

test('a StatefulSet keeps its names through a new template and goes from the last pod to the first', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply, pods, one } = cluster;
  const set = (image: string): KubeObject => ({
    ...deployment('db', { replicas: 2, container: { image } }),
    kind: 'StatefulSet',
  });
  apply(set('example.net/main:1'));
  await settle();
  expect(pods('test', 'db').map((pod) => textAt(pod, 'metadata', 'name'))).toEqual(['db-0', 'db-1']);
  const gone: string[] = [];
  const stop = store.subscribe(({ type, object }) => {
    if (object.kind === 'Pod' && type === 'DELETED') gone.push(textAt(object, 'metadata', 'name'));
  });
  apply(set('example.net/main:2'));
  await settle();
  stop();
  expect(gone).toEqual(['db-1', 'db-0']);
  expect(pods('test', 'db').map((pod) => textAt(pod, 'metadata', 'name'))).toEqual(['db-0', 'db-1']);
  const status = one('StatefulSet', 'test', 'db').status;
  expect(status).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 });
  expect(dig(status, 'currentRevision')).toBe(dig(status, 'updateRevision'));
});

test.each(['Deployment', 'DaemonSet', 'StatefulSet'])(
  'a %s that was seen to says so by its generation',
  async (kind) => {
    cluster = clusterUnderTest();
    const { settle, apply, one } = cluster;
    apply({ ...deployment('web'), kind });
    await settle();
    const seen = () => dig(one(kind, 'test', 'web'), 'status', 'observedGeneration');
    const before = seen();
    apply({ ...deployment('web', { container: { image: 'example.net/main:2' } }), kind });
    await settle();
    expect(seen()).toBe(dig(one(kind, 'test', 'web'), 'metadata', 'generation'));
    expect(seen()).toBeGreaterThan(Number(before));
  },
);

test('a workload gets the defaults that kubectl reads, and keeps what it says itself', () => {
  const given = deployment('web', { replicas: 3 });
  expect(objectAt(withWorkloadDefaults(given), 'spec')).toMatchObject({
    replicas: 3,
    strategy: { type: 'RollingUpdate' },
    template: objectAt(given, 'spec', 'template'),
  });
  expect(
    dig(
      withWorkloadDefaults({ kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } }),
      'spec',
      'updateStrategy',
    ),
  ).toEqual({ type: 'OnDelete' });
});
