import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locate } from '../../probe/requirements.ts';
import { baseObjects } from '../../scenario/build.ts';
import { liveObjects } from '../../scenario/cluster.ts';
import { readField, writeField } from '../../scenario/field-edit.ts';
import type { ObjectKey } from '../seams.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { KINDS } from './kinds.ts';
import { startTestbedApi, type TestbedApi } from './server.ts';
import { createStore, type ObjectStore } from './store.ts';

const path = locate(env.KUBECTL ?? '');
const presence = path === undefined ? ' (needs a kubectl at $KUBECTL, which is not there)' : '';
const HAPROXY: ObjectKey = { kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' };
const CONFIG: ObjectKey = { kind: 'ConfigMap', namespace: 'haptic', name: 'applied' };

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(path === undefined && env.CI !== 'true')(`a real kubectl${presence}`, () => {
  let directory: string;
  let store: ObjectStore;
  let api: TestbedApi;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kubectl-objects-'));
    store = createStore({ now: Date.now });
    const base = await baseObjects();
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
    for (const object of [home, ...base, ...liveObjects(base)]) store.create(object, { manager: 'helm' });
    api = await startTestbedApi({ store, runtime: fakeRuntime(), now: Date.now });
    writeFileSync(join(directory, 'admin'), api.kubeconfig(), { mode: 0o600 });
    writeFileSync(join(directory, 'jane'), api.kubeconfig('jane'), { mode: 0o600 });
    await kubectl('api-resources');
  });
  afterAll(async () => {
    await api.close();
    rmSync(directory, { recursive: true });
  });

  function run(
    args: readonly string[],
    { stdin = '', user = 'admin' } = {},
    heard?: (text: string) => 'enough' | 'more',
  ) {
    return new Promise<Said>((resolve, reject) => {
      const child = spawn(path ?? 'kubectl', args, {
        env: { HOME: directory, KUBECONFIG: join(directory, user), KUBECACHEDIR: join(directory, 'cache') },
        timeout: 20_000,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (part) => {
        stdout += String(part);
        if (heard?.(stdout) === 'enough') child.kill();
      });
      child.stderr.on('data', (part) => {
        stderr += String(part);
      });
      child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
      child.stdin.on('error', () => {}).end(stdin);
    });
  }

  async function kubectl(command: string, options: { stdin?: string; user?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await run(command.split(' '), options);
    if (code !== 0) throw new Error(`kubectl ${command}: ${stderr}`);
    return stdout;
  }

  async function refusal(args: readonly string[], options: { stdin?: string; user?: string } = {}): Promise<string> {
    const { code, stderr } = await run(args, options);
    expect(code).toBe(1);
    return stderr.trim();
  }

  const field = (key: ObjectKey, of: string) => readField(store.get(key) ?? null, of);

  it('lists every resource and every version', async () => {
    const resources = await kubectl('api-resources --no-headers -o name');
    const expected = KINDS.map(({ plural, group }) => (group === '' ? plural : `${plural}.${group}`));
    expect(resources.trim().split('\n').sort()).toEqual([...expected].sort());
    expect(await kubectl('api-versions')).toContain('spire.spiffe.io/v1alpha1\n');
    expect(await kubectl('version')).toContain('Server Version: v1.35.2');
  });

  it('gets every kind', async () => {
    const kinds = KINDS.filter(({ storage }) => storage === 'objects').map(({ plural, group }) => `${plural}.${group}`);
    const stdout = await kubectl(`get ${kinds.map((kind) => kind.replace(/\.$/, '')).join(',')} -A -o wide`);
    expect(stdout).toMatch(/pod\/haptic-haproxy-0 +4\/4 +Running +0 +\S+ +10\.0\.1\.7 +node-a /);
    expect(stdout).toMatch(/deployment\.apps\/haptic-haproxy +0\/2 .*app\.kubernetes\.io\/component=loadbalancer/);
    expect(stdout).toMatch(/clusterspiffeid\.spire\.spiffe\.io\/spire-server-spire-default /);
  });

  it('selects by label and by field', async () => {
    expect(await kubectl('get pods -A -o name --field-selector spec.nodeName=node-b')).toBe(
      'pod/haptic-haproxy-1\npod/spire-agent-b\npod/spire-spiffe-csi-driver-b\n',
    );
    expect(await kubectl('get pods -o name -l app.kubernetes.io/component=controller')).toBe(
      'pod/haptic-controller-0\n',
    );
  });

  it('gets objects as YAML, JSON and by path', async () => {
    const json: unknown = JSON.parse(await kubectl('get deployment haptic-haproxy -o json'));
    expect(json).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 2 } });
    expect(await kubectl('get csidriver csi.spiffe.io -o yaml')).toContain('kind: CSIDriver\n');
    expect(await kubectl('get pods -o jsonpath={.items[*].metadata.name}')).toBe(
      'haptic-controller-0 haptic-haproxy-0 haptic-haproxy-1',
    );
  });

  it('pages with a chunk size', async () => {
    const from = api.requests.length;
    const stdout = await kubectl('get pods -A --chunk-size=2 -o name');
    expect(stdout.trim().split('\n')).toHaveLength(9);
    expect(api.requests.slice(from).filter(({ verb }) => verb === 'list')).toHaveLength(5);
  });

  it('describes pods, workloads, nodes and ingresses', async () => {
    const pod: ObjectKey = { kind: 'Pod', namespace: 'haptic', name: 'haptic-haproxy-0' };
    const uid = field(pod, 'metadata.uid') ?? '';
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'haptic-haproxy-0.1', namespace: 'haptic' },
      involvedObject: { kind: 'Pod', namespace: 'haptic', name: 'haptic-haproxy-0', uid },
      type: 'Warning',
      reason: 'FailedMount',
      message: 'driver not found',
      count: 2,
      firstTimestamp: new Date().toISOString(),
      lastTimestamp: new Date().toISOString(),
    };
    store.create(event, { manager: 'kubelet' });
    expect(await kubectl('describe pod haptic-haproxy-0')).toMatch(/Warning +FailedMount .* driver not found/);
    expect(await kubectl('describe deployment haptic-haproxy')).toContain('Driver:            csi.spiffe.io');
    expect(await kubectl('describe node node-a')).toMatch(/haptic +haptic-haproxy-0 /);
    expect(await kubectl('describe ingress api -n shop')).toMatch(/api\.example\.com/);
    expect(await kubectl('get events')).toMatch(/Warning +FailedMount +pod\/haptic-haproxy-0 +driver not found/);
    expect(await kubectl('events')).toMatch(/FailedMount/);
  });

  it('watches changes', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched', namespace: 'haptic' } };
    const isListed = (stdout: string) => stdout.includes('configmap/haptic-spiffe-validation-certs\n');
    const { stdout } = await run(['get', 'configmaps', '-w', '-o', 'name'], {}, (said) => {
      if (said.includes('configmap/watched\n')) return 'enough';
      if (isListed(said)) store.put(object);
      return 'more';
    });
    expect(stdout).toContain('configmap/watched\n');
  });

  const settings = (value: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {key: ${value}}\n`;

  it('applies from the client', async () => {
    expect(await kubectl('apply -f -', { stdin: settings('one') })).toBe('configmap/applied created\n');
    expect(await kubectl('apply -f -', { stdin: settings('two') })).toBe('configmap/applied configured\n');
    expect(await kubectl('apply -f -', { stdin: settings('two') })).toBe('configmap/applied unchanged\n');
    expect(field(CONFIG, 'data.key')).toBe('two');
  });

  it('applies on the server, with conflicts', async () => {
    await kubectl('apply --server-side -f -', { stdin: settings('three') });
    expect(field(CONFIG, 'data.key')).toBe('three');
    const other = ['apply', '--server-side', '--field-manager=other', '-f', '-'];
    expect(await refusal(other, { stdin: settings('four') })).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.key',
    );
    await kubectl(`${other.join(' ')} --force-conflicts`, { stdin: settings('four') });
    expect(field(CONFIG, 'data.key')).toBe('four');
    expect(await kubectl('apply -f - --dry-run=server', { stdin: settings('five') })).toContain('(server dry run)');
    expect(field(CONFIG, 'data.key')).toBe('four');
  });

  it('applies a workload twice, the second time with a sidecar less', async () => {
    const { metadata: _metadata, status: _status, ...rest } = store.get(HAPROXY) ?? {};
    const object = { ...rest, metadata: { name: 'copy', namespace: 'haptic' } };
    await kubectl('apply -f -', { stdin: JSON.stringify(object) });
    const containers = readField(object, 'spec.template.spec.containers');
    writeField(object, 'spec.template.spec.containers', Array.isArray(containers) ? containers.slice(0, 3) : []);
    await kubectl('apply -f -', { stdin: JSON.stringify(object) });
    const key = { ...HAPROXY, name: 'copy' };
    expect(field(key, 'spec.template.spec.containers')).toHaveLength(3);
    expect(await kubectl('apply -f -', { stdin: JSON.stringify(object) })).toBe('deployment.apps/copy unchanged\n');
    await kubectl('delete deployment copy');
  });

  it('creates, and says no to a second time', async () => {
    await kubectl('create configmap made --from-literal=key=value');
    await kubectl('create secret generic made --from-literal=key=value');
    expect(field({ kind: 'ConfigMap', namespace: 'haptic', name: 'made' }, 'data.key')).toBe('value');
    expect(field({ kind: 'Secret', namespace: 'haptic', name: 'made' }, 'data.key')).toBe('dmFsdWU=');
    expect(await refusal(['create', 'configmap', 'made'])).toBe(
      'error: failed to create configmap: configmaps "made" already exists',
    );
  });

  it('patches in three ways', async () => {
    const image = { spec: { template: { spec: { containers: [{ name: 'spiffe-helper', image: 'helper:new' }] } } } };
    const patches: readonly (readonly [type: string, patch: unknown])[] = [
      ['strategic', image],
      ['merge', { metadata: { labels: { merged: 'yes' } } }],
      ['json', [{ op: 'replace', path: '/spec/replicas', value: 3 }]],
    ];
    for (const [type, patch] of patches) {
      await kubectl(`patch deployment haptic-haproxy --type=${type} -p ${JSON.stringify(patch)}`);
    }
    expect(field(HAPROXY, 'spec.template.spec.containers[2].image')).toBe('helper:new');
    expect(field(HAPROXY, 'spec.template.spec.containers')).toHaveLength(4);
    expect(field(HAPROXY, 'metadata.labels.merged')).toBe('yes');
    expect(field(HAPROXY, 'spec.replicas')).toBe(3);
  });

  it('restarts a roll-out and follows its status', async () => {
    await kubectl('rollout restart deployment/haptic-haproxy');
    const annotations = field(HAPROXY, 'spec.template.metadata.annotations');
    expect(annotations).toHaveProperty(['kubectl.kubernetes.io/restartedAt']);
    const generation = field(HAPROXY, 'metadata.generation') ?? 0;
    const ready = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
    const object = store.get(HAPROXY) ?? {};
    const status = { observedGeneration: generation, ...ready };
    const following = run(['rollout', 'status', 'deployment/haptic-haproxy', '--timeout=15s'], {}, () => {
      store.update({ ...object, status }, { manager: 'kube-controller-manager', subresource: 'status' });
      return 'more';
    });
    expect((await following).stdout).toContain('deployment "haptic-haproxy" successfully rolled out');
  });

  it('scales, sets images, labels and annotates', async () => {
    await kubectl('scale deployment haptic-haproxy --replicas=4');
    await kubectl('scale deployment haptic-haproxy --replicas=5 --current-replicas=4');
    await kubectl('set image deployment/haptic-haproxy cert-reloader=reloader:9');
    await kubectl('label pod haptic-haproxy-0 seen=yes');
    await kubectl('annotate pod haptic-haproxy-0 example.com/note=hello');
    expect(field(HAPROXY, 'spec.replicas')).toBe(5);
    expect(field(HAPROXY, 'spec.template.spec.containers[3].image')).toBe('reloader:9');
    expect(await kubectl('get pods -l seen=yes -o jsonpath={.items[0].metadata.annotations.example\\.com/note}')).toBe(
      'hello',
    );
  });

  it('deletes what is there and what it owns, one or all that a selector names', async () => {
    await kubectl('delete pod haptic-haproxy-0');
    expect(await kubectl('get pods -o name')).toBe('pod/haptic-controller-0\npod/haptic-haproxy-1\n');
    await kubectl('delete pods -l app.kubernetes.io/component=loadbalancer');
    expect(await kubectl('get pods -o name')).toBe('pod/haptic-controller-0\n');
    await kubectl('delete pods --all -n shop');
    expect(store.list('Pod', 'shop')).toEqual([]);
  });

  it('cordons and drains a node', async () => {
    await kubectl('drain node-a --ignore-daemonsets --delete-emptydir-data --force --timeout=10s');
    expect(await kubectl('get nodes')).toMatch(/node-a +Ready,SchedulingDisabled/);
    expect(store.list('Pod').map((pod) => readField(pod, 'spec.nodeName'))).not.toContain(undefined);
    expect(store.list('Pod', 'haptic')).toEqual([]);
    await kubectl('uncordon node-a');
  });

  it('says who it is', async () => {
    expect(await kubectl('auth whoami -o jsonpath={.status.userInfo.username}', { user: 'jane' })).toBe('jane');
  });

  it.each([
    ['get pods nope', 'Error from server (NotFound): pods "nope" not found'],
    ['get nope', 'error: the server doesn\'t have a resource type "nope"'],
    [
      'get pods --field-selector spec.colour=red',
      'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.colour=red": field label not supported: spec.colour',
    ],
    [
      'patch clusterspiffeid spire-server-spire-default --type=merge -p {"spec":{"ttl":3600}}',
      'The ClusterSPIFFEID "spire-server-spire-default" is invalid: spec.ttl: Invalid value: "integer": spec.ttl in body must be of type string: "integer"',
    ],
    [
      'patch deployment haptic-haproxy --type=json -p [{"op":"test","path":"/spec/replicas","value":77}]',
      'The request is invalid: : testing value /spec/replicas failed: test failed',
    ],
  ])('shows the error of %s', async (command, expected) => {
    expect(await refusal(command.split(' '))).toBe(expected);
  });

  it('is told that a selector is immutable, and that a mount names no volume', async () => {
    const selector = { spec: { selector: { matchLabels: { other: 'x' } } } };
    expect(await refusal(['patch', 'deployment', 'haptic-haproxy', '-p', JSON.stringify(selector)])).toContain(
      'spec.selector: Invalid value: ',
    );
    const mount = { name: 'haproxy', volumeMounts: [{ name: 'nope', mountPath: '/nope' }] };
    const patch = { spec: { template: { spec: { containers: [mount] } } } };
    expect(await refusal(['patch', 'deployment', 'haptic-haproxy', '-p', JSON.stringify(patch)])).toMatch(
      /spec\.template\.spec\.containers\[0\]\.volumeMounts\[\d\]\.name: Not found: "nope"/,
    );
  });
});
