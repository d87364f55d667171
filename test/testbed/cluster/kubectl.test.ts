import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locate } from '../../probe/requirements.ts';
import { baseObjects } from '../../scenario/build.ts';
import { startTestbedApi, type TestbedApi } from '../api/server.ts';
import { type ClusterUnderTest, clusterUnderTest } from './cluster-under-test.ts';
import { dig, objectAt, textAt } from './fields.ts';

const kubectlPath = locate(env.KUBECTL ?? '');
const withKubectl = test.skipIf(kubectlPath === undefined);
const WHY = kubectlPath === undefined ? ' (needs a kubectl at $KUBECTL)' : '';

let cluster: ClusterUnderTest;
let api: TestbedApi;
let directory: string;
let stop: () => void;
let working: Promise<unknown> = Promise.resolve();

beforeEach(async () => {
  cluster = clusterUnderTest();
  for (const object of await baseObjects()) cluster.apply(object);
  await cluster.settle();
  api = await startTestbedApi({ store: cluster.store, runtime: cluster.kubelets, now: Date.now });
  directory = mkdtempSync(join(tmpdir(), 'kubectl-'));
  writeFileSync(join(directory, 'config'), api.kubeconfig());
  let due: 'yes' | 'no' = 'no';
  // As a control plane does: whatever somebody changes is acted upon.
  stop = cluster.store.subscribe(() => {
    if (due === 'yes') return;
    due = 'yes';
    working = working.then(async () => {
      due = 'no';
      await cluster.settle();
    });
  });
});

afterEach(async () => {
  stop();
  await working;
  await api.close();
  await cluster.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Exit status and both outputs; it is ended after 20 s. */
function kubectl(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const all = [`--kubeconfig=${join(directory, 'config')}`, `--cache-dir=${directory}`, ...words];
  return new Promise((resolve) => {
    execFile(kubectlPath ?? '', all, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, text: `${stdout}${stderr}` });
    });
  });
}

withKubectl(`kubectl restarts, follows, scales and undoes a roll-out${WHY}`, async () => {
  const status = (workload: string) => kubectl('rollout', 'status', '-n', 'haptic', workload, '--timeout=15s');
  expect(await status('deployment/haptic-haproxy')).toEqual({
    code: 0,
    text: 'deployment "haptic-haproxy" successfully rolled out\n',
  });
  const before = cluster.pods('haptic', 'haptic-haproxy').map((pod) => textAt(pod, 'metadata', 'uid'));
  expect(await kubectl('rollout', 'restart', '-n', 'haptic', 'deployment/haptic-haproxy')).toMatchObject({ code: 0 });
  expect((await status('deployment/haptic-haproxy')).text).toContain('successfully rolled out');
  const after = cluster.pods('haptic', 'haptic-haproxy').map((pod) => textAt(pod, 'metadata', 'uid'));
  expect(after).toHaveLength(2);
  expect(after.filter((uid) => before.includes(uid))).toEqual([]);

  expect(await kubectl('scale', '-n', 'haptic', 'deployment/haptic-haproxy', '--replicas=3')).toMatchObject({
    code: 0,
  });
  expect((await status('deployment/haptic-haproxy')).text).toContain('successfully rolled out');
  expect(cluster.pods('haptic', 'haptic-haproxy')).toHaveLength(3);

  expect((await kubectl('rollout', 'undo', '-n', 'haptic', 'deployment/haptic-haproxy')).text).toContain('rolled back');
  expect((await status('deployment/haptic-haproxy')).text).toContain('successfully rolled out');
  const template = objectAt(cluster.one('Deployment', 'haptic', 'haptic-haproxy'), 'spec', 'template', 'metadata');
  expect(dig(template, 'annotations', 'kubectl.kubernetes.io/restartedAt')).toBeUndefined();
});

withKubectl(`kubectl follows DaemonSets and StatefulSets, too${WHY}`, async () => {
  for (const workload of ['daemonset/spire-agent', 'statefulset/spire-server']) {
    expect(await kubectl('rollout', 'restart', '-n', 'spire-server', workload)).toMatchObject({ code: 0 });
    const { code, text } = await kubectl('rollout', 'status', '-n', 'spire-server', workload, '--timeout=15s');
    expect({ code, text }).toEqual({
      code: 0,
      text: expect.stringMatching(/successfully rolled out|roll out complete|rolling update complete/),
    });
  }
});

withKubectl(`kubectl takes back the last change of a DaemonSet${WHY}`, async () => {
  const image = () =>
    dig(cluster.one('DaemonSet', 'spire-server', 'spire-agent'), 'spec', 'template', 'spec', 'containers', 0, 'image');
  const before = image();
  const set = ['set', 'image', '-n', 'spire-server', 'daemonset/spire-agent', 'spire-agent=example.net/spire-agent:2'];
  expect(await kubectl(...set)).toMatchObject({ code: 0 });
  expect(image()).toBe('example.net/spire-agent:2');
  await cluster.settle();
  const undone = await kubectl('rollout', 'undo', '-n', 'spire-server', 'daemonset/spire-agent');
  expect(undone.text).toContain('rolled back');
  expect(image()).toBe(before);
});

withKubectl(`kubectl says that a roll-out is stuck, and why a pod waits${WHY}`, async () => {
  const words = [
    'set',
    'image',
    '-n',
    'haptic',
    'deployment/haptic-haproxy',
    'spiffe-helper=ghcr.io/spiffe/spiffe-helper:v0.11.0',
  ];
  expect(await kubectl(...words)).toMatchObject({ code: 0 });
  const stuck = await kubectl('rollout', 'status', '-n', 'haptic', 'deployment/haptic-haproxy', '--timeout=2s');
  expect(stuck).toEqual({ code: 1, text: expect.stringContaining('1 out of 2 new replicas have been updated') });
  expect((await kubectl('get', 'pods', '-n', 'haptic')).text).toMatch(/haptic-haproxy-\S+ +3\/4 +ImagePullBackOff/);
  const pods = cluster
    .pods('haptic', 'haptic-haproxy')
    .filter((pod) => JSON.stringify(pod).includes('ImagePullBackOff'));
  const described = await kubectl('describe', 'pod', '-n', 'haptic', textAt(pods[0], 'metadata', 'name'));
  expect(described.text).toMatch(
    /Warning +Failed +\S+ +kubelet +spec\.containers\{spiffe-helper\}: Failed to pull image "ghcr\.io\/spiffe\/spiffe-helper:v0\.11\.0"/,
  );
});
