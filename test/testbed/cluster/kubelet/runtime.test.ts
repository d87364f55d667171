import { statSync, utimesSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { sandboxRequirements } from '../../sandbox/requirements.ts';
import type { Sandbox } from '../../seams.ts';
import { type ClusterUnderTest, CONFIG_MAP, clusterUnderTest, deployment, withConfig } from '../cluster-under-test.ts';
import { dig, textAt } from '../fields.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

test('exec in a container without a shell is refused in the words of the runtime', async () => {
  cluster = clusterUnderTest();
  cluster.apply(deployment('web'));
  await cluster.settle();
  const ref = { namespace: 'test', pod: textAt(cluster.pods('test', 'web')[0], 'metadata', 'name'), container: 'main' };
  expect(await cluster.kubelets.exec(ref, ['ls', '/'])).toEqual({
    refused:
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "ls": executable file not found in $PATH: unknown',
  });
  expect(await cluster.kubelets.exec({ ...ref, container: 'none' }, ['ls'])).toEqual({
    refused: 'container not found ("none")',
  });
});

const lacking = sandboxRequirements();
const WHY = lacking === undefined ? '' : ` (${lacking})`;

test.skipIf(lacking !== undefined)(`a program gets a sandbox with its mounts, which ends with it${WHY}`, async () => {
  let made: Promise<Sandbox> | undefined;
  cluster = clusterUnderTest(({ context }) => {
    made = context.sandbox();
    return undefined;
  });
  const { settle, apply, pods, runs, kubelets } = cluster;
  apply(CONFIG_MAP);
  apply(withConfig());
  await settle();
  expect(runs[0]?.context.mounts).toMatchObject([{ at: '/etc/settings', readOnly: true }]);
  const command = (await made)?.run(['cat', '/etc/settings/helper.conf'], '');
  const words: string[] = [];
  command?.stdout.on('data', (part) => words.push(String(part)));
  expect(await command?.ended).toBe(0);
  expect(words.join('')).toBe('first');
  await kubelets.restart({
    namespace: 'test',
    pod: textAt(pods('test', 'web')[0], 'metadata', 'name'),
    container: 'main',
  });
  expect(await (await made)?.run(['true'], '').ended).not.toBe(0);
});

test('logs can be followed, and age with the files of the pod', async () => {
  cluster = clusterUnderTest(({ context }) => context.log('one\ntwo\n') as undefined);
  const { settle, apply, pods, kubelets, runs } = cluster;
  apply(CONFIG_MAP);
  apply(withConfig());
  await settle();
  const ref = { namespace: 'test', pod: textAt(pods('test', 'web')[0], 'metadata', 'name'), container: 'main' };
  const heard: string[] = [];
  const stop = kubelets.log(ref, false)?.follow(({ text }) => heard.push(text));
  runs[0]?.context.log('three');
  stop?.();
  runs[0]?.context.log('four');
  expect(heard).toEqual(['three']);
  const lines = () => kubelets.log(ref, false)?.lines ?? [];
  expect(lines().map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four']);
  const file = runs[0]?.context.onHost('/etc/settings/helper.conf') ?? '';
  utimesSync(file, 1_000_000, 1_000_000);
  const before = lines()[0]?.at ?? 0;
  kubelets.age(60_000);
  expect(lines()[0]?.at).toBe(before - 60_000);
  expect(statSync(file).mtimeMs).toBe(1_000_000_000 - 60_000);
  expect(kubelets.log(ref, true)).toBeUndefined();
});

test('a program that ends by itself wakes whoever reconciles, and its pod is ended with all its programs', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, kubelets, runs, pods, store } = cluster;
  apply(deployment('web'));
  await settle();
  const woken = new Promise<void>((resolve) => kubelets.onWake(resolve));
  runs[0]?.end({ code: 139 });
  await woken;
  await settle();
  expect(dig(pods('test', 'web')[0], 'status', 'containerStatuses', 0)).toMatchObject({
    restartCount: 1,
    lastState: { terminated: { exitCode: 139, reason: 'Error' } },
  });
  const directory = kubelets.podDirectory('test', textAt(pods('test', 'web')[0], 'metadata', 'name')) ?? '';
  store.remove({ kind: 'Deployment', namespace: 'test', name: 'web' });
  await settle();
  expect(statSync(directory, { throwIfNoEntry: false })).toBeUndefined();
});
