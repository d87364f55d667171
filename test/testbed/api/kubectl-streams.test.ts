import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { env } from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../seams.ts';
import { type FakeRuntime, fakeRuntime, podWith } from './fake-runtime.ts';
import { type KubectlRunner, kubectlPath, kubectlRunner, type Said } from './kubectl-runner.ts';
import { startTestbedApi, type TestbedApi } from './server.ts';
import { createStore, type ObjectStore } from './store.ts';

const presence = kubectlPath === undefined ? ' (needs a kubectl at $KUBECTL, which is not there)' : '';

describe.skipIf(kubectlPath === undefined && env.CI !== 'true')(`a real kubectl${presence}`, () => {
  let runner: KubectlRunner;
  let store: ObjectStore;
  let runtime: FakeRuntime;
  let api: TestbedApi;
  let program: Server;

  beforeAll(async () => {
    store = createStore({ now: Date.now });
    runtime = fakeRuntime();
    api = await startTestbedApi({ store, runtime, now: Date.now });
    runner = kubectlRunner({ admin: api.kubeconfig(), jane: api.kubeconfig('jane') });
    put({ kind: 'Namespace', metadata: { name: 'haptic' } });
    put(podWith('web-0', { web: 'running', side: 'running' }, ['web']));
    put(podWith('new', { web: { waiting: 'PodInitializing' } }));
    const ref = { namespace: 'haptic', pod: 'web-0', container: 'web' };
    for (const text of ['one', 'two', 'three']) runtime.say(ref, { at: Date.now() - 60_000, text });
    runtime.say(ref, { at: Date.now() - 120_000, text: 'died' }, true);
    const rules = [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }];
    put({ kind: 'Role', metadata: { name: 'reader', namespace: 'haptic' }, rules });
    put({
      kind: 'RoleBinding',
      metadata: { name: 'jane', namespace: 'haptic' },
      roleRef: { kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', name: 'jane' }],
    });
    program = createServer((request, response) => response.end(`hello from ${request.url}`));
    await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
    runtime.listen('web-0', 8404, (program.address() as AddressInfo).port);
    // Discovery goes to a cache on disk, once for all.
    await kubectl('api-resources');
  });
  afterEach(() => {
    api.dial.clear();
    runner.stop();
  });
  afterAll(async () => {
    await api.close();
    program.closeAllConnections();
    await new Promise((resolve) => program.close(resolve));
    runner.close();
    runtime.close();
  });

  function put(object: KubeObject): void {
    store.create(object, { manager: 'test' });
  }

  const as = (user: string, args: readonly string[], stdin?: string): Promise<Said> => runner.as(user, args, stdin);
  const kubectl = (...args: readonly string[]) => as('admin', args);

  describe('exec', () => {
    it('brings both outputs', async () => {
      const said = await kubectl('exec', 'web-0', '-c', 'web', '--', 'sh', '-c', 'echo out; echo err >&2');
      expect(said).toEqual({ code: 0, stdout: 'out\n', stderr: 'err' });
    });

    it('ends with the exit code of the command', async () => {
      const said = await kubectl('exec', 'web-0', '-c', 'web', '--', 'sh', '-c', 'exit 7');
      expect([said.code, said.stderr]).toEqual([7, 'command terminated with exit code 7']);
    });

    it('gives the command its input', async () => {
      const text = 'many words\n'.repeat(100_000);
      const said = await as('admin', ['exec', '-i', 'web-0', '-c', 'web', '--', 'sh', '-c', 'wc -c; echo end'], text);
      expect(said).toEqual({ code: 0, stdout: `${text.length}\nend\n`, stderr: '' });
    });

    it('brings megabytes whole', async () => {
      const said = await kubectl('exec', 'web-0', '-c', 'web', '--', 'sh', '-c', 'yes | head -c 4000000');
      expect([said.code, said.stdout.length]).toEqual([0, 4_000_000]);
    });

    it.each([
      ['no program', ['web-0', '--', 'nothing'], 'exec: "nothing": executable file not found in $PATH: unknown'],
      ['no pod', ['web-9', '--', 'id'], 'pods "web-9" not found'],
      ['no container', ['web-0', '-c', 'x', '--', 'id'], 'container x is not valid for pod web-0'],
      ['waiting', ['new', '--', 'id'], 'unable to upgrade connection: container not found ("web")'],
    ])('is told: %s', async (_why, args, words) => {
      const said = await kubectl('exec', ...args);
      expect(said.code).toBe(1);
      expect(said.stderr).toContain(words);
    });

    it('is killed with its command', async () => {
      let ready = () => {};
      const began = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const one = runner.start('admin', ['exec', 'web-0', '-c', 'web', '--', 'sh', '-c', 'echo ready; sleep 600'], () =>
        ready(),
      );
      await began;
      expect(runtime.running()).toBe(1);
      one.kill();
      await one.said;
      await vi.waitFor(() => expect(runtime.running()).toBe(0));
    });

    it('is told when its command is killed, and when the connection breaks', async () => {
      const command = ['exec', 'web-0', '-c', 'web', '--', 'sh', '-c', 'echo 0123456789; exec sleep 600'];
      api.dial.fail({ subresource: 'exec' }, { fault: 'kill', bytes: 4 });
      const killed = await kubectl(...command);
      expect(killed).toEqual({ code: 137, stdout: '0123', stderr: 'command terminated with exit code 137' });
      api.dial.fail({ subresource: 'exec' }, { fault: 'cut', bytes: 4 });
      const cut = await kubectl(...command);
      expect([cut.code, cut.stdout]).toEqual([1, '0123']);
    });

    it('is forbidden to who may only read', async () => {
      const said = await as('jane', ['exec', 'web-0', '-c', 'web', '--', 'id']);
      const cannot = 'cannot create resource "pods/exec" in API group "" in the namespace "haptic"';
      expect([said.code, said.stderr]).toEqual([
        1,
        `Error from server (Forbidden): pods "web-0" is forbidden: User "jane" ${cannot}`,
      ]);
      expect(api.requests.at(-2)).toMatchObject({ user: 'jane', method: 'GET', verb: 'get', subresource: 'exec' });
    });
  });

  describe('logs', () => {
    it.each([
      [['web-0', '-c', 'web'], 'one\ntwo\nthree\n'],
      [['web-0', '-c', 'web', '--tail=1'], 'three\n'],
      [['web-0', '-c', 'web', '--since=30s'], ''],
      [['web-0', '-c', 'web', '--limit-bytes=5'], 'one\nt'],
      [['web-0', '-c', 'web', '-p'], 'died\n'],
    ])('%j is %j', async (args, stdout) => {
      expect(await kubectl('logs', ...args)).toEqual({ code: 0, stdout, stderr: '' });
    });

    it.each([
      [['web-0', '-c', 'side', '-p'], 'previous terminated container "side" in pod "web-0" not found'],
      [['new'], 'container "web" in pod "new" is waiting to start: PodInitializing'],
    ])('%j is refused', async (args, words) => {
      const said = await kubectl('logs', ...args);
      expect([said.code, said.stderr]).toEqual([1, `Error from server (BadRequest): ${words}`]);
    });

    it('-f goes on until the container ends', async () => {
      const ref = { namespace: 'haptic', pod: 'ends', container: 'web' };
      put(podWith('ends', { web: 'running' }));
      runtime.say(ref, { at: Date.now(), text: 'first' });
      let began = false;
      const { said } = runner.start('admin', ['logs', '-f', 'ends'], (stdout) => {
        if (began || !stdout.includes('first')) return;
        began = true;
        runtime.say(ref, { at: Date.now(), text: 'second' });
        store.update(podWith('ends', { web: 'terminated' }), { manager: 'kubelet', subresource: 'status' });
      });
      expect(await said).toEqual({ code: 0, stdout: 'first\nsecond\n', stderr: '' });
    });

    it('are for who may read them', async () => {
      expect((await as('jane', ['logs', 'web-0', '-c', 'web', '--tail=1'])).stdout).toBe('three\n');
    });
  });

  describe('auth can-i', () => {
    it.each([
      ['jane', ['list', 'pods'], 'yes'],
      ['jane', ['get', 'pods', '--subresource=log'], 'yes'],
      ['jane', ['create', 'pods', '--subresource=exec'], 'no'],
      ['jane', ['list', 'pods', '-n', 'shop'], 'no'],
      ['jane', ['get', '/version'], 'yes'],
      ['admin', ['delete', 'deployments.apps', '-A'], 'yes'],
    ])('%s %j: %s', async (user, args, answer) => {
      const said = await as(user, ['auth', 'can-i', ...args]);
      expect([said.code, said.stdout.trim()]).toEqual([answer === 'yes' ? 0 : 1, answer]);
    });

    it('--list shows what is allowed', async () => {
      const { code, stdout } = await as('jane', ['auth', 'can-i', '--list']);
      expect(code).toBe(0);
      expect(stdout.replaceAll(/ +/g, ' ')).toContain('pods/log [] [] [get list]');
      expect(stdout).toContain('selfsubjectaccessreviews.authorization.k8s.io');
      expect(stdout).toContain('[/api/*]');
    });

    it('is answered for somebody else when impersonating', async () => {
      const said = await kubectl('auth', 'can-i', 'list', 'pods', '--as', 'bob');
      expect(said.stdout.trim()).toBe('no');
      const mayNot = await as('jane', ['auth', 'can-i', 'list', 'pods', '--as', 'bob']);
      expect(mayNot.stderr).toContain(
        'User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
      );
    });
  });

  it('is refused what a role does not allow, in the words of the authorizer', async () => {
    const said = await as('jane', ['get', 'secrets']);
    expect(said.stderr).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "haptic"',
    );
    const everywhere = await as('jane', ['get', 'pods', '-A']);
    expect(everywhere.stderr).toContain('cannot list resource "pods" in API group "" at the cluster scope');
  });

  it('reaches a port of a pod through the API', async () => {
    const path = '/api/v1/namespaces/haptic/pods/web-0';
    expect((await kubectl('get', '--raw', `${path}:8404/proxy/metrics?x=1`)).stdout).toBe('hello from /metrics?x=1');
    const nobody = await kubectl('get', '--raw', `${path}:1/proxy/`);
    expect(nobody.stderr).toContain('error trying to reach service: dial tcp 10.0.0.9:1: connect: connection refused');
  });
});
