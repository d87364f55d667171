import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { presence } from '../../probe/requirements.ts';
import { mintCa, type TestCa } from '../../scenario/certificates.ts';
import { type Editable, type EditableObject, readField } from '../../scenario/field-edit.ts';
import { createStore } from '../api/store.ts';
import { outcome } from '../sandbox/command.ts';
import { sandboxRequirements } from '../sandbox/requirements.ts';
import type { KubeObject, RunningProgram } from '../seams.ts';
import { startTraffic } from '../traffic/client.ts';
import { contextOf, type TestVolumes, testVolumes } from './fake-context.ts';
import { createHaproxies, type Haproxies } from './haproxy.ts';
import { shellProgram, tick } from './shell.ts';
import { type TlsIdentity, tlsBackendProgram } from './tls-backend.ts';

const missing = sandboxRequirements();
const HOUR = 3_600_000;
const BASE = new URL('../../scenario/base/', import.meta.url);

describe.skipIf(missing !== undefined).each(['2.6', '3.2'])(
  `HAProxy %s${presence(missing === undefined ? [] : [missing])}`,
  (release) => {
    const store = createStore({ now: Date.now });
    const started: RunningProgram[] = [];
    let volumes: TestVolumes;
    let haproxies: Haproxies;
    let ca: TestCa;
    let runtime: string;
    let log: string[];
    let backend: TlsIdentity | undefined;
    beforeEach(async () => {
      volumes = testVolumes();
      haproxies = createHaproxies();
      log = [];
      ca = await mintCa({ subject: 'CN=spire', notBefore: Date.now() - HOUR, notAfter: Date.now() + HOUR });
      runtime = volumes.volume('runtime', 99);
      backend = await identity('spiffe://prod.example.com/ns/shop/sa/api');
    });
    afterEach(async () => {
      for (const program of started.splice(0)) await program.stop();
      volumes.remove();
    });

    const identity = async (uri: string, age = 0) => {
      const { chainPem, privateKeyPem } = await ca.issue({
        uris: [uri],
        dnsNames: ['api.shop.svc'],
        notBefore: Date.now() - HOUR / 2 - age,
        notAfter: Date.now() + HOUR / 2,
      });
      return { certificatePem: chainPem, keyPem: privateKeyPem, caPem: ca.certificatePem };
    };
    const container = (pod: KubeObject, name: string) => {
      const all = ['initContainers', 'containers'].flatMap(
        (list) => readField(pod, `spec.${list}`) ?? [],
      ) as EditableObject[];
      const found = all.find((each) => each.name === name);
      if (found === undefined) throw new Error(`no container ${name}`);
      return found;
    };
    const run = async (pod: KubeObject, name: string, address: string) => {
      const programs = [haproxies.program, tlsBackendProgram({ identityOf: () => backend }), shellProgram];
      const context = contextOf({
        pod,
        container: container(pod, name),
        address,
        user: 99,
        mounts: [{ from: runtime, at: '/etc/haproxy', readOnly: false }],
        store,
        log: (line) => log.push(line),
      });
      const program = programs.find(({ runs }) => runs(context.container, pod));
      if (program === undefined) throw new Error(`nothing runs ${name}`);
      const running = await program.start(context);
      started.push(running);
      return running;
    };
    const address = (host: number) => `127.31.${release === '2.6' ? 26 : 32}.${host}`;
    const pods = () => ({
      haproxy: podOf('haptic.yaml', 'haptic-haproxy', release),
      api: podOf('app.yaml', 'api', release),
    });
    const config = () => `global
    daemon
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend http_frontend
    bind *:8080
    default_backend api
frontend status
    bind *:8404
    http-request return status 200 if { path /ready }
backend api
    default-server check ssl verify required ca-file /etc/haproxy/spiffe/bundle.pem crt /etc/haproxy/spiffe/svid.pem sni str(api.shop.svc)
    server SRV_1 ${address(2)}:8443
`;
    const writeSvid = (own: TlsIdentity) => {
      const file = (name: string) => join(runtime, 'spiffe', name);
      writeFileSync(file('svid.pem.key'), own.keyPem);
      writeFileSync(file('svid.pem'), own.certificatePem);
      writeFileSync(file('bundle.pem'), own.caPem);
    };
    const get = async () => {
      const response = await fetch(`http://${address(1)}:8080/`, { headers: { Connection: 'close' } });
      return `${response.status} ${(await response.text()).trim()}`;
    };
    const only = () => {
      const [pod] = haproxies.running();
      if (pod === undefined) throw new Error('no HAProxy runs');
      return pod;
    };
    const HAPROXY_ID = 'spiffe://prod.example.com/ns/haptic/sa/default';

    /** The base’s pod with its files in place, and the backend behind it. */
    const startAll = async () => {
      const { haproxy, api } = pods();
      const init = await run(haproxy, 'create-spiffe-dir', address(1));
      expect(await init.ended).toEqual({ code: 0 });
      writeSvid(await identity(HAPROXY_ID));
      await run(api, 'api', address(2));
      const running = await run(haproxy, 'haproxy', address(1));
      return { haproxy, running };
    };

    test('is alive and not ready until it is given a configuration, then shows its certificate to the backend', async () => {
      const { running } = await startAll();
      expect([await running.probe?.(8404, '/healthz'), await running.probe?.(8404, '/ready')]).toEqual([200, 503]);
      expect(await running.probe?.(8080, '/')).toBe('refused');
      expect(await only().deploy(config())).toEqual({ result: 'loaded' });
      expect(await running.probe?.(8404, '/ready')).toBe(200);
      expect(await get()).toBe(`200 ${HAPROXY_ID}`);
      backend = undefined;
      expect(await get()).toMatch(/^50[23] /);
    });

    test('goes on with what it has when a reload fails, and loads again once the files are there', async () => {
      const { running } = await startAll();
      await only().deploy(config());
      const broken = await only().deploy(config().replace('bundle.pem', 'gone.pem'));
      expect(broken).toMatchObject({
        result: 'failed',
        words: expect.stringContaining('/etc/haproxy/spiffe/gone.pem'),
      });
      expect(await get()).toBe(`200 ${HAPROXY_ID}`);
      expect(readFileSync(join(runtime, 'haproxy.cfg'), 'utf8')).toContain('gone.pem');
      expect(await only().deploy(config())).toEqual({ result: 'loaded' });
      expect(await running.probe?.(8404, '/ready')).toBe(200);
    });

    test('is brought a rotated SVID by the reloader of the base', async () => {
      const { haproxy } = await startAll();
      await only().deploy(config());
      await run(haproxy, 'cert-reloader', address(1));
      const reloader = { namespace: 'haptic', pod: 'haptic-haproxy-0', container: 'cert-reloader' };
      const shown = async () =>
        (
          await outcome(
            only().sandbox.run(
              ['socat', 'stdio', 'unix-connect:/etc/haproxy/haproxy-master.sock'],
              '@1 show ssl cert /etc/haproxy/spiffe/svid.pem\n',
            ),
          )
        ).stdout;
      await tick(reloader);
      const before = await shown();
      expect(before).toContain('Status: Used');
      writeSvid(await identity(HAPROXY_ID, 1_000));
      await tick(reloader);
      const after = await shown();
      expect(serialOf(after)).not.toBe(serialOf(before));
      // 2.6 takes its servers away from the certificate when a CA file is committed.
      expect(after).toContain(release === '2.6' ? 'Status: Unused' : 'Status: Used');
      expect(await get()).toBe(`200 ${HAPROXY_ID}`);
    });

    test('loses no request when it is given another configuration', async () => {
      await startAll();
      await only().deploy(config());
      const traffic = startTraffic({
        targets: () => [{ pod: 'haptic-haproxy-0', host: address(1), port: 8080 }],
        pause: 0,
      });
      await traffic.answered(10);
      await only().deploy(`${config()}# again\n`);
      await traffic.answered(10);
      const { sent, ok, failed } = await traffic.stop();
      expect(failed).toEqual([]);
      expect(ok).toBe(sent);
    });

    test('is not answered by the backend without its certificate', async () => {
      await startAll();
      const plain = config().replace(' crt /etc/haproxy/spiffe/svid.pem', '');
      expect(await only().deploy(plain)).toEqual({ result: 'loaded' });
      expect(await get()).toMatch(/^50[23] /);
    });

    test('ends with status 0 when it is asked to, and its sandbox with it', async () => {
      const { running } = await startAll();
      await running.stop();
      expect(await running.ended).toEqual({ code: 0 });
      expect(haproxies.running()).toEqual([]);
      expect(await running.probe?.(8404, '/healthz')).toBe('refused');
    });

    test('keeps its first configuration when its master cannot be asked to load another', async () => {
      const { haproxy } = pods();
      const args = container(haproxy, 'haproxy').args;
      if (Array.isArray(args)) args[0] = String(args[0]).replace(/-S "[^"]*"/, '');
      const running = await run(haproxy, 'haproxy', address(1));
      expect(await only().deploy(config())).toEqual({ result: 'failed', words: 'the master has no socket' });
      expect(await running.probe?.(8404, '/ready')).toBe(503);
    });

    test('has ended when it starts with a configuration that it cannot load', async () => {
      writeFileSync(join(runtime, 'haproxy.cfg'), config());
      const running = await run(pods().haproxy, 'haproxy', address(1));
      expect((await running.ended).code).toBe(1);
      expect(log.join('\n')).toContain(
        "Couldn't open the ca-file '/etc/haproxy/spiffe/bundle.pem' (No such file or directory)",
      );
      expect(haproxies.running()).toEqual([]);
    });
  },
);

test.each([
  ['haptic.yaml', 'haptic-haproxy', ['create-spiffe-dir', 'cert-reloader']],
  ['app.yaml', 'api', []],
])('of the pods of %s only what a shell or a tool runs counts as such', (file, name, expected) => {
  const { spec } = podOf(file, name, '3.2');
  const all = ['initContainers', 'containers'].flatMap(
    (list) => (readField(spec ?? null, list) ?? []) as EditableObject[],
  );
  const { program } = createHaproxies();
  const rest = all.filter((container) => !program.runs(container, {}));
  expect(rest.filter((container) => shellProgram.runs(container, {})).map((container) => container.name)).toEqual(
    expected,
  );
});

function serialOf(shown: string): string | undefined {
  return /^Serial: (\S+)/m.exec(shown)?.[1];
}

/** The pod that a Deployment of the base makes. */
function podOf(file: string, name: string, release: string): KubeObject {
  const documents = parseAllDocuments(
    readFileSync(new URL(file, BASE), 'utf8').replaceAll('haproxy-debian:3.2', `haproxy-debian:${release}`),
  );
  const objects = documents.map((document): KubeObject => document.toJS());
  const deployment = objects.find(
    (object) => object.kind === 'Deployment' && readField(object, 'metadata.name') === name,
  );
  const template: Editable = structuredClone(readField(deployment ?? {}, 'spec.template') ?? null);
  const spec = readField(template, 'spec') ?? null;
  const namespace = readField(deployment ?? {}, 'metadata.namespace') ?? null;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-0`, namespace, labels: readField(template, 'metadata.labels') ?? {} },
    spec,
  };
}
