import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { baseObjects } from '../../scenario/build.ts';
import { readField, writeField } from '../../scenario/field-edit.ts';
import { nameOf } from '../api/metadata.ts';
import { createStore } from '../api/store.ts';
import { workloadControllers } from '../cluster/controllers.ts';
import { runToFixpoint } from '../cluster/fixpoint.ts';
import { startKubelets } from '../cluster/kubelets.ts';
import { healthyPlatform } from '../platform.ts';
import { createHaproxies } from '../programs/haproxy.ts';
import { idleProgram } from '../programs/idle.ts';
import { shellProgram, tick } from '../programs/shell.ts';
import { tlsBackendProgram } from '../programs/tls-backend.ts';
import { outcome } from '../sandbox/command.ts';
import { sandboxRequirements } from '../sandbox/requirements.ts';
import type { KubeObject } from '../seams.ts';
import { startSpire } from '../spire/spire.ts';
import { startTraffic } from '../traffic/client.ts';
import { BASE_ENTRANCE, readyTargets } from '../traffic/targets.ts';
import { createHaptic } from './haptic.ts';

const missing = sandboxRequirements();

describe.skipIf(missing !== undefined)(`the base as a whole${presence(missing === undefined ? [] : [missing])}`, () => {
  const now = Date.now;
  const store = createStore({ now });
  const platform = healthyPlatform();
  const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-base-'));
  const spire = startSpire({ store, platform, now });
  const haproxies = createHaproxies();
  const haptic = createHaptic({ store, haproxies, now });
  const backend = tlsBackendProgram({ identityOf: spire.identityOf });
  const programs = [haproxies.program, haptic.program, ...spire.programs, backend, shellProgram, idleProgram];
  const kubelets = startKubelets({ store, platform, directory, now, programs });
  const settle = () =>
    runToFixpoint(
      [...workloadControllers(store, platform, now), ...spire.controllers, kubelets, haptic.controller],
      store,
    );
  const pods = () => store.list('Pod', 'haptic').filter((pod) => nameOf(pod).startsWith('haptic-haproxy'));
  const traffic = () => startTraffic({ targets: () => readyTargets(store, BASE_ENTRANCE), pause: 2 });
  const changed = async (kind: string, namespace: string, name: string, path: string, value: string) => {
    const object: KubeObject = store.get({ kind, namespace, name }) ?? {};
    writeField(object, path, value);
    store.update(object, { manager: 'kubectl-patch' });
    await settle();
  };
  const shownTo = async (pod: KubeObject) => {
    const ref = { namespace: 'haptic', pod: nameOf(pod), container: 'haproxy' };
    const script =
      'echo "@1 show ssl cert /etc/haproxy/spiffe/svid.pem" | socat stdio unix-connect:/etc/haproxy/haproxy-master.sock';
    const command = await kubelets.exec(ref, ['sh', '-c', script]);
    return 'refused' in command ? command.refused : (await outcome(command)).stdout;
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

  test('becomes ready, and serves its clients from the backend with mutual TLS', async () => {
    const conditions = pods().map((pod) => JSON.stringify(readField(pod, 'status.conditions')));
    expect(conditions).toHaveLength(2);
    for (const each of conditions) expect(each).toMatch(/"type":"Ready","status":"True"/);
    const clients = traffic();
    await clients.answered(20);
    const { sent, ok, failed } = await clients.stop();
    expect(failed).toEqual([]);
    expect(ok).toBe(sent);
    const published = store.get({ kind: 'HAProxyCfg', namespace: 'haptic', name: 'haptic-config-haproxycfg' }) ?? {};
    const deployed = readField(published, 'status.deployedToPods');
    expect(deployed).toEqual(
      pods().map((pod) =>
        expect.objectContaining({
          podName: nameOf(pod),
          checksum: readField(published, 'spec.checksum'),
          consecutiveErrors: 0,
        }),
      ),
    );
  });

  test('brings a rotated SVID into HAProxy’s memory by its own reloader', async () => {
    const [pod] = pods();
    if (pod === undefined) throw new Error('no pod');
    const reloader = { namespace: 'haptic', pod: nameOf(pod), container: 'cert-reloader' };
    await tick(reloader);
    const before = await shownTo(pod);
    expect(before).toContain('Status: Used');
    await spire.rotate({ age: 0 });
    await settle();
    await tick(reloader);
    const serial = (text: string) => /^Serial: (\S+)/m.exec(text)?.[1];
    expect(serial(await shownTo(pod))).not.toBe(serial(before));
  });

  test('loses no request while its pods are replaced', async () => {
    const before = pods().map(nameOf);
    const clients = traffic();
    await clients.answered(5);
    const path = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]';
    await changed('Deployment', 'haptic', 'haptic-haproxy', path, '2026-01-01T00:00:00Z');
    await clients.answered(5);
    const { failed } = await clients.stop();
    expect(failed).toEqual([]);
    expect(
      pods()
        .map(nameOf)
        .some((name) => before.includes(name)),
    ).toBe(false);
  });

  test('takes an edited snippet to the running HAProxys', async () => {
    const template = 'spec.templateSnippets["backend-directives-800-server-mtls-spire"].template';
    const key = { kind: 'HAProxyTemplateConfig', namespace: 'haptic', name: 'haptic-config' };
    const text = String(readField(store.get(key) ?? {}, template));
    await changed(key.kind, key.namespace, key.name, template, text.replace('+ ".svc"', '+ ".elsewhere"'));
    const clients = traffic();
    await clients.answered(3);
    expect(new Set((await clients.stop()).failed.map(({ why }) => why))).toEqual(new Set(['503']));
    await changed(key.kind, key.namespace, key.name, template, text);
    const again = traffic();
    await again.answered(3);
    expect((await again.stop()).failed).toEqual([]);
  });
});
