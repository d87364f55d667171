import { readFileSync, statSync } from 'node:fs';
import { getuid } from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { baseObjects } from '../../../scenario/build.ts';
import type { KubeObject } from '../../seams.ts';
import { type ClusterUnderTest, CONFIG_MAP, clusterUnderTest, deployment, withConfig } from '../cluster-under-test.ts';
import { isTrue } from '../conditions.ts';
import { dig, textAt } from '../fields.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

test('a pod waits for a ConfigMap that is missing, says so, and goes on when it appears', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, messages, runs } = cluster;
  apply(withConfig());
  await settle();
  expect(stateOf(pods('test', 'web')[0])).toEqual({ waiting: { reason: 'ContainerCreating' } });
  expect(messages('FailedMount')).toEqual([
    'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found',
  ]);
  expect(runs).toEqual([]);
  apply(CONFIG_MAP);
  await settle();
  expect(pods('test', 'web').every((pod) => isTrue(pod, 'Ready'))).toBe(true);
});

test('a changed ConfigMap reaches the files of a running pod, but not a subPath of it', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, runs } = cluster;
  apply(CONFIG_MAP);
  apply(withConfig());
  apply({
    ...withConfig({ subPath: 'helper.conf', mountPath: '/helper.conf' }),
    metadata: { name: 'other', namespace: 'test' },
  });
  await settle();
  const read = (path: string) =>
    runs.flatMap(({ context }) => context.onHost(path) ?? []).map((onHost) => readFileSync(onHost, 'utf8'));
  expect(read('/etc/settings/helper.conf')).toEqual(['first']);
  apply({ ...CONFIG_MAP, data: { 'helper.conf': 'second' } });
  await settle();
  expect(read('/etc/settings/helper.conf')).toEqual(['second']);
  expect(read('/helper.conf')).toEqual(['first']);
});

const CSI_FAULTS: readonly (readonly [string, (cluster: ClusterUnderTest) => void, string])[] = [
  [
    'no driver on its node',
    ({ store }) => store.remove({ kind: 'DaemonSet', namespace: 'spire-server', name: 'spire-spiffe-csi-driver' }),
    'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name csi.spiffe.io not found in the list of registered CSI drivers',
  ],
  [
    'no CSIDriver object',
    ({ store }) => store.remove({ kind: 'CSIDriver', name: 'csi.spiffe.io' }),
    'kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: volume mode "Ephemeral" not supported by driver csi.spiffe.io (no CSIDriver object)',
  ],
  [
    'a driver that learns nothing of the pod',
    ({ apply, one }) =>
      apply({ ...one('CSIDriver', '', 'csi.spiffe.io'), spec: { volumeLifecycleModes: ['Ephemeral'] } }),
    'rpc error: code = InvalidArgument desc = only ephemeral volumes are supported',
  ],
  [
    'a volume that is not read-only',
    ({ apply, one }) => {
      const api = one('Deployment', 'shop', 'api');
      const spec = structuredClone(Object(api.spec));
      spec.template.spec.volumes = [{ name: 'workload-api', csi: { driver: 'csi.spiffe.io' } }];
      apply({ ...api, spec });
    },
    "rpc error: code = InvalidArgument desc = pod.spec.volumes[].csi.readOnly must be set to 'true'",
  ],
];

test.each(CSI_FAULTS)('a pod with a SPIFFE volume waits with %s', async (_name, breakIt, words) => {
  cluster = clusterUnderTest();
  for (const object of await baseObjects()) if (object.kind !== 'Deployment') cluster.apply(object);
  await cluster.settle();
  for (const object of await baseObjects())
    if (textAt(object, 'metadata', 'namespace') === 'shop') cluster.apply(object);
  breakIt(cluster);
  await cluster.settle();
  expect(stateOf(cluster.pods('shop', 'api')[0])).toEqual({ waiting: { reason: 'ContainerCreating' } });
  expect(cluster.messages('FailedMount')).toEqual([`MountVolume.SetUp failed for volume "workload-api" : ${words}`]);
});

test('a SPIFFE volume shows the node directory that the agent serves in', async () => {
  cluster = clusterUnderTest();
  for (const object of await baseObjects()) cluster.apply(object);
  await cluster.settle();
  const api = cluster.runs.find(({ context }) => context.ref.container === 'api');
  const agents = cluster.runs.filter(({ context }) => context.ref.container === 'spire-agent');
  const served = agents.map(({ context }) => context.onHost('/tmp/spire-agent/public/spire-agent.sock'));
  expect(served).toContain(api?.context.onHost('/spiffe-workload-api/spire-agent.sock'));
  expect(new Set(served).size).toBe(2);
});

test('a stale mount shows nothing to the pods that had it, and new pods see the directory again', async () => {
  cluster = clusterUnderTest();
  const { platform, store, settle, runs, pods } = cluster;
  for (const object of await baseObjects()) cluster.apply(object);
  await settle();
  const node = platform.nodes.get(String(dig(pods('shop', 'api')[0], 'spec', 'nodeName')));
  store.age(10_000);
  if (node) node.staleMountsBefore = Date.now() - 5000;
  const socket = () =>
    runs
      .findLast(({ context }) => context.ref.container === 'api')
      ?.context.onHost('/spiffe-workload-api/spire-agent.sock');
  expect(socket()).toMatch(/stale$/);
  store.remove({ kind: 'Pod', namespace: 'shop', name: textAt(pods('shop', 'api')[0], 'metadata', 'name') });
  await settle();
  expect(socket()).toMatch(/spire-agent\.sock$/);
});

test.skipIf(getuid?.() !== 0)('fsGroup owns and reads what the kubelet writes (needs root)', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, runs } = cluster;
  apply(CONFIG_MAP);
  const web = deployment('web', {
    container: {
      securityContext: { runAsUser: 99 },
      volumeMounts: [
        { name: 'settings', mountPath: '/settings' },
        { name: 'scratch', mountPath: '/scratch' },
        { name: 'storage', mountPath: '/storage' },
      ],
    },
    spec: {
      securityContext: { fsGroup: 99 },
      volumes: [
        { name: 'settings', configMap: { name: 'settings', defaultMode: 0o400 } },
        { name: 'scratch', emptyDir: {} },
        { name: 'storage', ephemeral: {} },
      ],
    },
  });
  apply(web);
  await settle();
  const { context } = runs[0] ?? {};
  const look = (path: string) => {
    const { uid, gid, mode } = statSync(context?.onHost(path) ?? '');
    return { uid, gid, mode: (mode & 0o7777).toString(8) };
  };
  expect(context?.credentials).toEqual({ uid: 99, gid: 99, groups: [99] });
  expect(look('/settings/helper.conf')).toEqual({ uid: 0, gid: 99, mode: '440' });
  expect(look('/scratch')).toEqual({ uid: 0, gid: 99, mode: '2777' });
  expect(look('/storage')).toEqual({ uid: 0, gid: 99, mode: '2775' });
});

function stateOf(pod: KubeObject | undefined, list = 'containerStatuses', index = 0) {
  return dig(pod, 'status', list, index, 'state');
}
