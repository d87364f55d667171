import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { KubeObject } from '../../seams.ts';
import { type ClusterUnderTest, CONFIG_MAP, clusterUnderTest, deployment, withConfig } from '../cluster-under-test.ts';
import { isTrue } from '../conditions.ts';
import { dig, textAt } from '../fields.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

test('a program that fails at its start ends up in back-off, and a changed ConfigMap gives it another chance', async () => {
  let cure = false;
  cluster = clusterUnderTest(({ context }) => {
    context.log(`reads ${readFileSync(context.onHost('/etc/settings/helper.conf') ?? '', 'utf8')}`);
    return cure ? undefined : { code: 1 };
  });
  const { settle, apply, pods, kubelets, messages } = cluster;
  apply(CONFIG_MAP);
  apply(withConfig());
  await settle();
  const [pod] = pods('test', 'web');
  const name = textAt(pod, 'metadata', 'name');
  const uid = textAt(pod, 'metadata', 'uid');
  expect(dig(pod, 'status', 'containerStatuses', 0)).toMatchObject({
    restartCount: 2,
    ready: false,
    state: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off 40s restarting failed container=main pod=${name}_test(${uid})`,
      },
    },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  });
  expect(messages('BackOff')).toEqual([`Back-off restarting failed container main in pod ${name}_test(${uid})`]);
  const ref = { namespace: 'test', pod: name, container: 'main' };
  expect(kubelets.log(ref, true)?.lines.map(({ text }) => text)).toEqual(['reads first']);

  cure = true;
  await settle();
  expect(isTrue(pods('test', 'web')[0] ?? {}, 'Ready')).toBe(false);
  apply({ ...CONFIG_MAP, data: { 'helper.conf': 'second' } });
  await settle();
  expect(isTrue(pods('test', 'web')[0] ?? {}, 'Ready')).toBe(true);
  expect(kubelets.log(ref, false)?.lines.map(({ text }) => text)).toEqual(['reads second']);
});

test('a container that its liveness probe fails is ended gracefully and restarted', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, messages, runs } = cluster;
  const container = {
    ports: [{ name: 'health', containerPort: 8081 }],
    livenessProbe: { httpGet: { path: '/live', port: 'health' } },
  };
  apply(deployment('web', { container }));
  await settle();
  const [run] = runs;
  if (run) run.status = 503;
  await settle();
  expect(runs).toHaveLength(2);
  expect(dig(pods('test', 'web')[0], 'status', 'containerStatuses', 0)).toMatchObject({
    restartCount: 1,
    ready: true,
    lastState: { terminated: { exitCode: 0, reason: 'Completed' } },
  });
  expect(messages('Unhealthy')).toEqual(['Liveness probe failed: HTTP probe failed with statuscode: 503']);
  expect(messages('Killing')).toEqual(['Container main failed liveness probe, will be restarted']);
});

test('a failing readiness probe takes a pod out of its Service until it passes again', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, one, runs, messages } = cluster;
  apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'test' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  apply(deployment('web', { container: { readinessProbe: { httpGet: { path: '/ready', port: 8080 } } } }));
  await settle();
  const subset = () => dig(one('Endpoints', 'test', 'web'), 'subsets', 0);
  expect(dig(subset(), 'addresses', 0)).toBeDefined();
  const [run] = runs;
  if (run) run.status = undefined;
  await settle();
  expect(dig(subset(), 'addresses', 0)).toBeUndefined();
  expect(dig(subset(), 'notReadyAddresses', 0)).toBeDefined();
  const address = run?.context.address ?? '';
  expect(messages('Unhealthy')).toEqual([
    `Readiness probe failed: Get "http://${address}:8080/ready": dial tcp ${address}:8080: connect: connection refused`,
  ]);
  if (run) run.status = 200;
  await settle();
  expect(dig(subset(), 'addresses', 0)).toBeDefined();
});

test('containers wait for init containers, and one that fails keeps them waiting', async () => {
  let code = 1;
  cluster = clusterUnderTest(({ context }) => (context.ref.container === 'prepare' ? { code } : undefined));
  const { settle, apply, pods, kubelets, runs } = cluster;
  apply(deployment('web', { spec: { initContainers: [{ name: 'prepare', image: 'example.net/busybox:1' }] } }));
  await settle();
  expect(stateOf(pods('test', 'web')[0], 'initContainerStatuses')).toMatchObject({
    waiting: { reason: 'CrashLoopBackOff' },
  });
  expect(stateOf(pods('test', 'web')[0])).toEqual({ waiting: { reason: 'PodInitializing' } });
  expect(isTrue(pods('test', 'web')[0] ?? {}, 'Initialized')).toBe(false);
  code = 0;
  await kubelets.restart({
    namespace: 'test',
    pod: textAt(pods('test', 'web')[0], 'metadata', 'name'),
    container: 'prepare',
  });
  await settle();
  expect(runs.map(({ context }) => context.ref.container).slice(-2)).toEqual(['prepare', 'main']);
  expect(stateOf(pods('test', 'web')[0], 'initContainerStatuses')).toMatchObject({
    terminated: { exitCode: 0, reason: 'Completed' },
  });
  expect(isTrue(pods('test', 'web')[0] ?? {}, 'Ready')).toBe(true);
});

test('a native sidecar starts before the containers and stays', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, runs } = cluster;
  apply(
    deployment('web', {
      spec: { initContainers: [{ name: 'helper', image: 'example.net/helper:1', restartPolicy: 'Always' }] },
    }),
  );
  await settle();
  expect(runs.map(({ context }) => context.ref.container)).toEqual(['helper', 'main']);
  expect(dig(pods('test', 'web')[0], 'status', 'initContainerStatuses', 0)).toMatchObject({
    ready: true,
    started: true,
    state: { running: {} },
  });
});

test('running out of memory and errors at the start are told as the runtime tells them', async () => {
  let broken = false;
  cluster = clusterUnderTest(() =>
    broken ? new Error('exec: "/opt/helper": stat /opt/helper: no such file or directory') : undefined,
  );
  const { settle, apply, pods, kubelets } = cluster;
  apply(deployment('web'));
  await settle();
  const ref = { namespace: 'test', pod: textAt(pods('test', 'web')[0], 'metadata', 'name'), container: 'main' };
  await kubelets.outOfMemory(ref);
  await settle();
  expect(dig(pods('test', 'web')[0], 'status', 'containerStatuses', 0)).toMatchObject({
    restartCount: 1,
    state: { running: {} },
    lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
  });
  broken = true;
  await kubelets.restart(ref);
  await settle();
  expect(dig(pods('test', 'web')[0], 'status', 'containerStatuses', 0)).toMatchObject({
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: {
      terminated: {
        reason: 'StartError',
        exitCode: 128,
        message: expect.stringContaining('exec: "/opt/helper": stat'),
      },
    },
  });
});

test('a container that must not be root, and would be, is not configured', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, one, store } = cluster;
  apply(deployment('web', { container: { securityContext: { runAsNonRoot: true } } }));
  await settle();
  expect(stateOf(pods('test', 'web')[0])).toMatchObject({
    waiting: {
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining('container has runAsNonRoot and image will run as root (pod: "web-'),
    },
  });
  const web = one('Deployment', 'test', 'web');
  const cured = deployment('web', { container: { securityContext: { runAsNonRoot: true, runAsUser: 99 } } });
  store.update({ ...web, spec: cured.spec ?? {} }, { manager: 'test' });
  await settle();
  expect(pods('test', 'web').map((pod) => isTrue(pod, 'Ready'))).toEqual([true]);
});

function stateOf(pod: KubeObject | undefined, list = 'containerStatuses', index = 0) {
  return dig(pod, 'status', list, index, 'state');
}
