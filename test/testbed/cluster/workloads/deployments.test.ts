import { afterEach, expect, test } from 'vitest';
import type { KubeObject } from '../../seams.ts';
import { type ClusterUnderTest, clusterUnderTest, deployment } from '../cluster-under-test.ts';
import { conditionOf, isTrue } from '../conditions.ts';
import { dig, objectAt, textAt } from '../fields.ts';
import { exceedProgressDeadline } from './deployment-status.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

test('a roll-out replaces one pod after the other, each only when its successor is Ready and it has left its Service', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply, pods, one } = cluster;
  apply(deployment('web', { replicas: 2 }));
  apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'test' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await settle();
  const before = pods('test', 'web').map((pod) => textAt(pod, 'metadata', 'uid'));

  let fewest = 2;
  const servedAtStop: boolean[] = [];
  const stop = store.subscribe(({ type, object }) => {
    if (object.kind === 'Event' && object.reason === 'Killing') {
      const served = JSON.stringify(one('Endpoints', 'test', 'web').subsets);
      servedAtStop.push(served.includes(textAt(object, 'involvedObject', 'uid')));
    }
    if (object.kind === 'Pod' && type === 'DELETED') {
      fewest = Math.min(fewest, pods('test', 'web').filter((pod) => isTrue(pod, 'Ready')).length);
    }
  });
  apply(deployment('web', { replicas: 2, container: { image: 'example.net/main:2' } }));
  await settle();
  stop();

  const after = pods('test', 'web');
  expect(after.map((pod) => dig(pod, 'spec', 'containers', 0, 'image'))).toEqual([
    'example.net/main:2',
    'example.net/main:2',
  ]);
  expect(after.some((pod) => before.includes(textAt(pod, 'metadata', 'uid')))).toBe(false);
  expect(fewest).toBe(2);
  expect(servedAtStop).toEqual([false, false]);
  expect(one('Deployment', 'test', 'web').status).toMatchObject({
    updatedReplicas: 2,
    replicas: 2,
  });
});

test('a restart by annotation makes new pods, scaling keeps the old ones, and a deleted pod is made anew', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply, pods, one } = cluster;
  apply(deployment('web'));
  await settle();
  const uids = () => pods('test', 'web').map((pod) => textAt(pod, 'metadata', 'uid'));
  const [first] = uids();
  const restarted = deployment('web', { spec: {} });
  restarted.spec = {
    ...Object(restarted.spec),
    template: {
      ...Object(dig(restarted, 'spec', 'template')),
      metadata: { labels: { app: 'web' }, annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } },
    },
  };
  apply(restarted);
  await settle();
  const [second] = uids();
  expect(second).not.toBe(first);
  expect(
    store
      .list('ReplicaSet', 'test')
      .map((set) => textAt(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'))
      .toSorted(),
  ).toEqual(['1', '2']);

  const web = one('Deployment', 'test', 'web');
  store.update({ ...web, spec: { ...Object(web.spec), replicas: 3 } }, { manager: 'test' });
  await settle();
  expect(uids()).toHaveLength(3);
  expect(uids()).toContain(second);

  const doomed = textAt(pods('test', 'web')[0], 'metadata', 'name');
  store.remove({ kind: 'Pod', namespace: 'test', name: doomed });
  await settle();
  expect(uids()).toHaveLength(3);
  expect(pods('test', doomed)).toEqual([]);

  store.remove({ kind: 'Deployment', namespace: 'test', name: 'web' });
  await settle();
  expect(uids()).toEqual([]);
  expect(store.list('ReplicaSet', 'test')).toEqual([]);
});

test('an image that the registry refuses leaves the old pods serving until the registry has it', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, one, platform, messages } = cluster;
  apply(deployment('web'));
  await settle();
  const image = 'ghcr.io/spiffe/spiffe-helper:v0.11.0';
  apply(deployment('web', { container: { image } }));
  await settle();
  const stuck = pods('test', 'web').find((pod) => dig(pod, 'spec', 'containers', 0, 'image') === image);
  expect(dig(stuck, 'status', 'containerStatuses', 0, 'state', 'waiting')).toEqual({
    reason: 'ImagePullBackOff',
    message: expect.stringContaining(`Back-off pulling image "${image}"`),
  });
  expect(messages('Failed').filter((message) => message.startsWith(`Failed to pull image "${image}"`))).toHaveLength(1);
  expect(pods('test', 'web').filter((pod) => isTrue(pod, 'Ready'))).toHaveLength(1);
  expect(one('Deployment', 'test', 'web').status).toMatchObject({
    replicas: 2,
    updatedReplicas: 1,
    availableReplicas: 1,
  });

  platform.pull = () => ({ answer: 'found' });
  await settle();
  expect(pods('test', 'web').map((pod) => dig(pod, 'spec', 'containers', 0, 'image'))).toEqual([image]);
});

test('what an hour does: a stuck roll-out runs out of time, its events are forgotten, its back-offs end', async () => {
  cluster = clusterUnderTest(({ context }) =>
    context.container.image === 'example.net/main:2' ? { code: 1 } : undefined,
  );
  const { store, kubelets, settle, apply, one, runs } = cluster;
  apply(deployment('web'));
  await settle();
  apply(deployment('web', { container: { image: 'example.net/main:2' } }));
  await settle();
  const tried = runs.length;
  await settle();
  expect(runs).toHaveLength(tried);
  store.age(3_700_000);
  kubelets.age(3_700_000);
  await settle();
  expect(runs.length).toBeGreaterThan(tried);
  expect(one('Deployment', 'test', 'web').status).toMatchObject({
    conditions: [
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
    ],
  });
  expect(store.list('Event').filter(({ reason }) => reason === 'Scheduled')).toEqual([]);
});

test('with the strategy Recreate the old pods go before a new one comes', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply, pods } = cluster;
  const recreate = (image: string): KubeObject => {
    const object = deployment('web', { replicas: 2, container: { image } });
    return { ...object, spec: { ...objectAt(object, 'spec'), strategy: { type: 'Recreate' } } };
  };
  apply(recreate('example.net/main:1'));
  await settle();
  let most = 0;
  const stop = store.subscribe(() => {
    most = Math.max(most, pods('test', 'web').length);
  });
  apply(recreate('example.net/main:2'));
  await settle();
  stop();
  expect(most).toBe(2);
  expect(pods('test', 'web').map((pod) => dig(pod, 'spec', 'containers', 0, 'image'))).toEqual([
    'example.net/main:2',
    'example.net/main:2',
  ]);
});

test('a roll-out that somebody undoes brings back the old ReplicaSet with a new revision', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply } = cluster;
  for (const image of ['example.net/main:1', 'example.net/main:2', 'example.net/main:1']) {
    apply(deployment('web', { container: { image } }));
    await settle();
  }
  const sets = store.list('ReplicaSet', 'test').map((set) => ({
    image: dig(set, 'spec', 'template', 'spec', 'containers', 0, 'image'),
    revision: dig(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'),
    replicas: dig(set, 'spec', 'replicas'),
  }));
  expect(sets.toSorted((a, b) => String(a.image).localeCompare(String(b.image)))).toEqual([
    { image: 'example.net/main:1', revision: '3', replicas: 1 },
    { image: 'example.net/main:2', revision: '2', replicas: 0 },
  ]);
});

test('a roll-out can be let run out of time without waiting, and a finished one cannot', async () => {
  cluster = clusterUnderTest();
  const { store, settle, apply, one, platform } = cluster;
  apply(deployment('web'));
  await settle();
  expect(() => exceedProgressDeadline(store, 'test', 'web', Date.now())).toThrow('no roll-out under way');
  platform.pull = () => ({ answer: 'refused', message: 'not found' });
  apply(deployment('web', { container: { image: 'example.net/main:2' } }));
  await settle();
  exceedProgressDeadline(store, 'test', 'web', Date.now());
  await settle();
  expect(conditionOf(one('Deployment', 'test', 'web'), 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
  });
  platform.pull = () => ({ answer: 'found' });
  await settle();
  expect(conditionOf(one('Deployment', 'test', 'web'), 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
  });
});
