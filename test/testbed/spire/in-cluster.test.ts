import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirements } from '../../probe/requirements.ts';
import { baseObjects } from '../../scenario/build.ts';
import { createStore } from '../api/store.ts';
import { workloadControllers } from '../cluster/controllers.ts';
import { dig, objectsAt, textAt } from '../cluster/fields.ts';
import { runToFixpoint } from '../cluster/fixpoint.ts';
import { startKubelets } from '../cluster/kubelets.ts';
import { healthyPlatform } from '../platform.ts';
import { idleProgram } from '../programs/idle.ts';
import { shellProgram } from '../programs/shell.ts';
import { sandboxRequirements } from '../sandbox/requirements.ts';
import type { KubeObject } from '../seams.ts';
import { startSpire } from './spire.ts';

const lacking = sandboxRequirements();
const { mustNotSkip } = requirements([]);
const REASON = lacking === undefined ? '' : ` (${lacking})`;

describe.skipIf(lacking !== undefined && !mustNotSkip)(`SPIRE on kubelets, in sandboxes${REASON}`, () => {
  const now = Date.now;
  const store = createStore({ now });
  const platform = healthyPlatform();
  const directory = mkdtempSync(join(tmpdir(), 'spire-cluster-'));
  const spire = startSpire({ store, platform, now });
  // HAProxy and its reloader are no concern here.
  const idle = { ...idleProgram, runs: (container: KubeObject) => /haproxy/.test(textAt(container, 'image')) };
  const programs = [...spire.programs, idle, shellProgram, idleProgram];
  const kubelets = startKubelets({ store, platform, directory, now, programs });
  const settle = () =>
    runToFixpoint([...workloadControllers(store, platform, now), ...spire.controllers, kubelets], store);
  const haproxyPods = () =>
    store.list('Pod', 'haptic').filter((pod) => textAt(pod, 'metadata', 'name').startsWith('haptic-haproxy'));
  const isReady = (pod: KubeObject) =>
    objectsAt(pod, 'status', 'conditions').some(({ type, status }) => type === 'Ready' && status === 'True');
  const fileIn = (pod: KubeObject, name: string) =>
    join(
      kubelets.podDirectory('haptic', textAt(pod, 'metadata', 'name')) ?? '',
      'volumes/haproxy-runtime/spiffe',
      name,
    );
  const certificateIn = (pod: KubeObject) => new X509Certificate(readFileSync(fileIn(pod, 'svid.pem')));
  const scale = async (kind: string, name: string, replicas: number) => {
    const found = store.get({ kind, namespace: 'spire-server', name });
    if (found) store.update({ ...found, spec: { ...Object(found.spec), replicas } }, { manager: 'kubectl-scale' });
    await settle();
  };

  beforeAll(async () => {
    for (const object of await baseObjects()) store.create(object, { manager: 'helm' });
    await settle();
  });
  afterAll(async () => {
    await kubelets.close();
    spire.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives every HAProxy pod an SVID, as files of its own user, and makes it ready', () => {
    expect(haproxyPods().map(isReady)).toEqual([true, true]);
    for (const pod of haproxyPods()) {
      expect(certificateIn(pod).subjectAltName).toContain('URI:spiffe://prod.example.com/ns/haptic/sa/default');
      expect(statSync(fileIn(pod, 'svid.pem.key'))).toMatchObject({ uid: 99, gid: 99, mode: 0o100600 });
    }
  });

  it('writes the status that its controller-manager writes', () => {
    const registered = store.get({ kind: 'ClusterSPIFFEID', name: 'spire-server-spire-default' });
    expect(dig(registered, 'status', 'stats')).toMatchObject({
      podsSelected: 4,
      entriesToSet: 4,
      podEntryRenderFailures: 0,
    });
  });

  it('gives a new pod an SVID that was issued just now, once the past is over', async () => {
    spire.settle();
    const [pod] = haproxyPods();
    if (pod) store.remove({ kind: 'Pod', namespace: 'haptic', name: textAt(pod, 'metadata', 'name') });
    await settle();
    const fresh = haproxyPods().find(
      (each) =>
        textAt(each, 'metadata', 'uid') !== textAt(pod, 'metadata', 'uid') &&
        Date.now() - certificateIn(each).validFromDate.getTime() < 60_000,
    );
    expect(fresh && isReady(fresh)).toBe(true);
  });

  it('has a rotation of 20 minutes ago look like one', async () => {
    await spire.rotate({ age: 20 * 60_000 });
    kubelets.age(20 * 60_000);
    for (const pod of haproxyPods()) {
      const minutes = (at: number) => Math.round((Date.now() - at) / 60_000);
      expect(minutes(certificateIn(pod).validFromDate.getTime())).toBe(20);
      expect(minutes(statSync(fileIn(pod, 'svid.pem')).mtimeMs)).toBe(20);
      const ref = { namespace: 'haptic', pod: textAt(pod, 'metadata', 'name'), container: 'spiffe-helper' };
      expect(minutes(kubelets.log(ref, false)?.lines.at(-1)?.at ?? 0)).toBe(20);
    }
  });

  it('leaves a new pod unready while the server is scaled to none, and heals by itself', async () => {
    await scale('StatefulSet', 'spire-server', 0);
    const [pod] = haproxyPods();
    if (pod) store.remove({ kind: 'Pod', namespace: 'haptic', name: textAt(pod, 'metadata', 'name') });
    await settle();
    const waiting = haproxyPods().find((each) => !isReady(each));
    const ref = { namespace: 'haptic', pod: textAt(waiting, 'metadata', 'name'), container: 'spiffe-helper' };
    expect(kubelets.log(ref, false)?.lines.at(-1)?.text).toContain('code = PermissionDenied desc = no identity issued');
    await scale('StatefulSet', 'spire-server', 1);
    expect(haproxyPods().map(isReady)).toEqual([true, true]);
  });

  it('loses the socket with the agents, and finds it again with them', async () => {
    const selector = { 'nobody/has-this': 'true' };
    const withSelector = async (nodeSelector: KubeObject) => {
      const found = store.get({ kind: 'DaemonSet', namespace: 'spire-server', name: 'spire-agent' });
      const copy = structuredClone(found ?? {});
      Object.assign(Object(dig(copy, 'spec', 'template', 'spec')), { nodeSelector });
      store.update(copy, { manager: 'kubectl-patch' });
      await settle();
      await spire.retry();
    };
    await withSelector(selector);
    const [pod] = haproxyPods();
    const ref = { namespace: 'haptic', pod: textAt(pod, 'metadata', 'name'), container: 'spiffe-helper' };
    expect(kubelets.log(ref, false)?.lines.at(-1)?.text).toContain(
      'dial unix /spiffe-workload-api/spire-agent.sock: connect: no such file or directory',
    );
    await withSelector({});
    expect(kubelets.log(ref, false)?.lines.at(-1)?.text).toContain('X.509 certificates updated');
  });
});
