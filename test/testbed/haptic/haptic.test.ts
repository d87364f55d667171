import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { presence } from '../../probe/requirements.ts';
import { type Issued, mintCa } from '../../scenario/certificates.ts';
import { type EditableObject, readField, writeField } from '../../scenario/field-edit.ts';
import { createStore } from '../api/store.ts';
import { contextOf, type TestVolumes, testVolumes } from '../programs/fake-context.ts';
import { createHaproxies, type Haproxies } from '../programs/haproxy.ts';
import { sandboxRequirements } from '../sandbox/requirements.ts';
import type { Mount, Program, RunningProgram, Store } from '../seams.ts';
import { createHaptic, type Haptic } from './haptic.ts';
import { deployedPods } from './publish.ts';

const missing = sandboxRequirements();
const BASE = new URL('../../scenario/base/', import.meta.url);
const TEST = { manager: 'test' };
const HOUR = 3_600_000;
const TEMPLATE = { kind: 'HAProxyTemplateConfig', namespace: 'haptic', name: 'haptic-config' };
const PUBLISHED = { kind: 'HAProxyCfg', namespace: 'haptic', name: 'haptic-config-haproxycfg' };
const REJECTED = { ...PUBLISHED, name: 'haptic-config-haproxycfg-invalid' };

describe.skipIf(missing !== undefined)(`HAPTIC’s controller${presence(missing === undefined ? [] : [missing])}`, () => {
  const started: RunningProgram[] = [];
  let store: Store;
  let volumes: TestVolumes;
  let haproxies: Haproxies;
  let haptic: Haptic;
  let svid: Issued;
  let ca: string;
  let placeholder: string;
  let runtime: string;
  let log: string[];

  beforeEach(async () => {
    store = createStore({ now: Date.now });
    for (const file of ['haptic.yaml', 'app.yaml'])
      for (const document of parseAllDocuments(readFileSync(new URL(file, BASE), 'utf8')))
        store.create(document.toJS(), TEST);
    store.create(
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { namespace: 'shop', name: 'api' },
        subsets: [{ addresses: [{ ip: '127.33.0.9' }], ports: [{ name: 'https', port: 8443 }] }],
      },
      TEST,
    );
    volumes = testVolumes();
    haproxies = createHaproxies();
    haptic = createHaptic({ store, haproxies, now: Date.now });
    const authority = await mintCa({ subject: 'CN=spire', notBefore: Date.now() - HOUR, notAfter: Date.now() + HOUR });
    svid = await authority.issue({ dnsNames: ['x'], notBefore: Date.now() - HOUR, notAfter: Date.now() + HOUR });
    ca = authority.certificatePem;
    placeholder = volumes.volume('placeholder', 0);
    runtime = volumes.volume('runtime', 99);
    writeFiles(placeholder);
    log = [];
  });
  afterEach(async () => {
    for (const program of started.splice(0)) await program.stop();
    volumes.remove();
  });

  const writeFiles = (directory: string) => {
    writeFileSync(join(directory, 'svid.pem'), svid.certificatePem);
    writeFileSync(join(directory, 'svid.pem.key'), svid.privateKeyPem);
    writeFileSync(join(directory, 'bundle.pem'), ca);
  };
  const run = async (program: Program, deployment: string, container: string, user: number, mount: Mount) => {
    const template = readField(
      need(store.get({ kind: 'Deployment', namespace: 'haptic', name: deployment })),
      'spec.template',
    );
    const metadata = {
      name: `${deployment}-0`,
      namespace: 'haptic',
      labels: readField(template ?? null, 'metadata.labels') ?? {},
    };
    const spec = readField(template ?? null, 'spec') ?? {};
    const pod =
      store.get({ kind: 'Pod', namespace: 'haptic', name: `${deployment}-0` }) ??
      store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, TEST);
    const containers = readField(pod, 'spec.containers');
    const entry = (Array.isArray(containers) ? containers : []).find((each) => readField(each, 'name') === container);
    const context = contextOf({
      pod,
      container: need(entry) as EditableObject,
      address: '127.33.0.1',
      user,
      mounts: [mount],
      store,
      log: (line) => log.push(line),
    });
    expect(program.runs(context.container, pod)).toBe(true);
    const running = await program.start(context);
    started.push(running);
    return running;
  };
  const startController = () =>
    run(haptic.program, 'haptic-controller', 'controller', 65532, {
      from: placeholder,
      at: '/etc/haproxy/spiffe',
      readOnly: true,
    });
  const startHaproxy = () =>
    run(haproxies.program, 'haptic-haproxy', 'haproxy', 99, { from: runtime, at: '/etc/haproxy', readOnly: false });
  const reconcile = () => haptic.controller.reconcile();
  const edit = (key: typeof TEMPLATE, path: string, value: string) => {
    const object = need(store.get(key));
    writeField(object, path, value);
    store.update(object, TEST);
  };
  const snippet = 'spec.templateSnippets["backend-directives-800-server-mtls-spire"].template';

  test('publishes what it renders from the objects, valid by the word of HAProxy', async () => {
    await startController();
    await reconcile();
    const published = need(store.get(PUBLISHED));
    expect(readField(published, 'spec.content')).toContain(
      [
        'backend shop_api_svc_api_https',
        '    default-server check ssl verify required ca-file /etc/haproxy/spiffe/bundle.pem crt /etc/haproxy/spiffe/svid.pem sni str(api.shop.svc)',
        '    server SRV_1 127.33.0.9:8443',
        '',
      ].join('\n'),
    );
    expect(readField(published, 'spec.checksum')).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(readField(need(store.get(TEMPLATE)), 'status')).toEqual({
      validationStatus: 'Valid',
      observedGeneration: 1,
    });
    expect(log).toContain('level=INFO msg="Configuration validated successfully"');
  });

  test('does what an edited snippet says, and leaves out what its annotation does not ask for', async () => {
    await startController();
    const template = String(readField(need(store.get(TEMPLATE)), snippet));
    edit(
      TEMPLATE,
      snippet,
      template.replace('verify required', 'verify none').replace('+ ".svc"', '+ ".svc.cluster.local"'),
    );
    await reconcile();
    expect(readField(need(store.get(PUBLISHED)), 'spec.content')).toMatch(
      /ssl verify none .* sni str\(api\.shop\.svc\.cluster\.local\)\n/,
    );
    edit(
      { kind: 'Ingress', namespace: 'shop', name: 'api' },
      'metadata.annotations["example.com/server-mtls-spire"]',
      'yes',
    );
    await reconcile();
    expect(readField(need(store.get(PUBLISHED)), 'spec.content')).toContain('    default-server check\n');
    edit({ kind: 'Ingress', namespace: 'shop', name: 'api' }, 'spec.ingressClassName', 'other');
    await reconcile();
    expect(readField(need(store.get(PUBLISHED)), 'spec.content')).not.toContain('backend ');
  });

  test('deploys to the HAProxy of its release, once', async () => {
    await startController();
    const haproxy = await startHaproxy();
    writeFilesOfPod();
    await reconcile();
    expect(await haproxy.probe?.(8404, '/ready')).toBe(200);
    const [entry, ...others] = deployed();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      podName: 'haptic-haproxy-0',
      consecutiveErrors: 0,
      checksum: readField(need(store.get(PUBLISHED)), 'spec.checksum'),
    });
    const reloads = () => log.filter((line) => line.includes('Reloading HAProxy')).length;
    expect(reloads()).toBe(1);
    const version = readField(need(store.get(PUBLISHED)), 'metadata.resourceVersion');
    await reconcile();
    expect(reloads()).toBe(1);
    expect(readField(need(store.get(PUBLISHED)), 'metadata.resourceVersion')).toBe(version);
  });

  test('says in its own status what HAProxy’s reload failed with, and tries again once the files are there', async () => {
    await startController();
    const haproxy = await startHaproxy();
    await reconcile();
    const words = "Couldn't open the ca-file '/etc/haproxy/spiffe/bundle.pem' (No such file or directory).";
    expect(deployed()).toEqual([
      expect.objectContaining({ consecutiveErrors: 1, lastError: expect.stringContaining(words) }),
    ]);
    expect(await haproxy.probe?.(8404, '/ready')).toBe(503);
    await reconcile();
    expect(deployed()[0]?.consecutiveErrors).toBe(1);
    writeFilesOfPod();
    await reconcile();
    expect(deployed()).toEqual([expect.objectContaining({ consecutiveErrors: 0 })]);
    expect(await haproxy.probe?.(8404, '/ready')).toBe(200);
  });

  test.each([
    [
      'an absent bundle',
      'bundle.pem',
      undefined,
      "Couldn't open the ca-file '/etc/haproxy/spiffe/bundle.pem' (No such file or directory).",
    ],
    ['an absent key', 'svid.pem.key', undefined, "No Private Key found in '/etc/haproxy/spiffe/svid.pem.key'."],
    [
      'text for a key',
      'svid.pem.key',
      '<paste generated private key PEM here>\n',
      "unable to load private key from file '/etc/haproxy/spiffe/svid.pem.key'",
    ],
    [
      'text for a certificate',
      'svid.pem',
      '<paste here>\n',
      "unable to load certificate from file '/etc/haproxy/spiffe/svid.pem': no start line.",
    ],
  ])(
    'rejects the configuration for %s in HAProxy’s words, until it is mended and restarted',
    async (_, file, text, words) => {
      if (text === undefined) rmSync(join(placeholder, file));
      else writeFileSync(join(placeholder, file), text);
      const controller = await startController();
      await reconcile();
      expect(store.get(PUBLISHED)).toBeUndefined();
      expect(readField(need(store.get(REJECTED)), 'status.validationError')).toContain(words);
      expect(readField(need(store.get(TEMPLATE)), 'status.validationStatus')).toBe('Invalid');
      expect(log.at(-1)).toMatch(
        /^level=ERROR msg="HAProxy configuration validation failed" error="haproxy validation failed: /,
      );
      writeFiles(placeholder);
      const lines = log.length;
      await reconcile();
      expect(store.get(PUBLISHED)).toBeUndefined();
      expect(log).toHaveLength(lines);
      await controller.stop();
      await startController();
      await reconcile();
      expect(store.get(REJECTED)).toBeUndefined();
      expect(readField(need(store.get(TEMPLATE)), 'status.validationStatus')).toBe('Valid');
      expect(store.get(PUBLISHED)).toBeDefined();
    },
  );

  test('keeps what it published when a snippet refuses', async () => {
    await startController();
    await reconcile();
    edit(TEMPLATE, snippet, '{{- fail("Ingress \'shop/api\': conflict") -}}');
    const before = need(store.get(PUBLISHED));
    await reconcile();
    expect(store.get(PUBLISHED)).toEqual(before);
    expect(readField(need(store.get(TEMPLATE)), 'status.validationMessage')).toBe("Ingress 'shop/api': conflict");
    expect(log.at(-1)).toContain("Ingress 'shop/api': conflict");
  });

  test('does nothing while no controller runs', async () => {
    const controller = await startController();
    await controller.stop();
    await reconcile();
    expect(store.get(PUBLISHED)).toBeUndefined();
  });

  const deployed = () => deployedPods(store, { namespace: 'haptic', config: 'haptic-config' });
  const writeFilesOfPod = () => writeFiles(volumes.inside(runtime, 'spiffe', 99));
});

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}
