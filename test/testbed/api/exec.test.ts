import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { podWith } from './fake-runtime.ts';
import { type BenchOptions, execPath, type StreamBench, startBench } from './stream-bench.ts';

const V4 = 'v4.channel.k8s.io';
const V5 = 'v5.channel.k8s.io';
const open: StreamBench[] = [];

async function bench(options?: BenchOptions): Promise<StreamBench> {
  const started = await startBench(options);
  open.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const sh = (script: string) => ['sh', '-c', script];

describe('exec', () => {
  it.each([V5, V4])('brings both outputs and success over %s', async (protocol) => {
    const { exec } = await bench();
    const end = await exec(execPath('web-0', sh('echo out; echo err >&2')), { protocols: [protocol] });
    expect(end).toEqual({ stdout: 'out\n', stderr: 'err\n', status: { metadata: {}, status: 'Success' }, ended: 1000 });
  });

  it.each([
    [V5, 'command terminated with exit code 3'],
    [V4, 'error executing command [sh -c exit 3], exit code 3'],
  ])('tells the exit code over %s', async (protocol, words) => {
    const { exec } = await bench();
    const { status } = await exec(execPath('web-0', sh('exit 3')), { protocols: [protocol] });
    expect(status).toEqual({
      metadata: {},
      status: 'Failure',
      reason: 'NonZeroExitCode',
      message: `command terminated with non-zero exit code: ${words}`,
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    });
  });

  it('tells what the runtime says when it cannot start the command', async () => {
    const { exec } = await bench();
    const { status } = await exec(execPath('web-0', ['nothing']));
    expect(status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500 });
    expect(status?.message).toContain('exec: "nothing": executable file not found in $PATH');
  });

  it.each([
    [
      'container not found ("web")',
      'Internal error occurred: unable to upgrade connection: container not found ("web")',
    ],
    [
      'error dialing backend: dial tcp: node-a:10250: i/o timeout',
      'Internal error occurred: error dialing backend: dial tcp: node-a:10250: i/o timeout',
    ],
  ])('tells %s in the words of the API server', async (refused, message) => {
    const { exec, runtime } = await bench();
    runtime.refusals.set('id', refused);
    expect((await exec(execPath('web-0', ['id']))).status?.message).toBe(message);
  });

  it('gives the command its input until the client closes the channel', async () => {
    const { exec } = await bench();
    const stdin = [Buffer.from('\0one '), Buffer.from('\0two'), Buffer.of(255, 0)];
    const { stdout } = await exec(execPath('web-0', ['cat'], { stdin: 'true' }), { stdin });
    expect(stdout).toBe('one two');
  });

  it('gives a command no input that was not asked for', async () => {
    const { exec } = await bench();
    expect((await exec(execPath('web-0', ['cat']), { stdin: [Buffer.from('\0lost')] })).stdout).toBe('');
  });

  it('ignores the size of a terminal', async () => {
    const { exec } = await bench();
    const stdin = [Buffer.from('\u0004{"Width":80,"Height":24}'), Buffer.from('\0x'), Buffer.of(255, 0)];
    expect((await exec(execPath('web-0', ['cat'], { stdin: 'true' }), { stdin })).stdout).toBe('x');
  });

  it('brings five megabytes there and back whole', async () => {
    const { exec } = await bench();
    const part = Buffer.concat([Buffer.of(0), Buffer.alloc(2 ** 20, 'x')]);
    const stdin = [part, part, part, part, part, Buffer.of(255, 0)];
    const { stdout, status } = await exec(execPath('web-0', ['cat'], { stdin: 'true' }), { stdin });
    expect([stdout.length, status?.status]).toEqual([5 * 2 ** 20, 'Success']);
  });

  it('closes on a message over eight megabytes, and the command ends', async () => {
    const { exec, runtime } = await bench();
    const stdin = [Buffer.alloc(8 * 2 ** 20 + 1)];
    expect((await exec(execPath('web-0', ['cat'], { stdin: 'true' }), { stdin })).ended).toBe(1009);
    await vi.waitFor(() => expect(runtime.running()).toBe(0));
  });

  it('kills the command when the client leaves', async () => {
    const { exec, runtime } = await bench();
    let atWork = 0;
    await exec(execPath('web-0', sh('echo ready; sleep 600')), {
      during: (client, channel, data) => {
        if (channel !== 1 || data.length === 0) return;
        atWork = runtime.running();
        client.terminate();
      },
    });
    expect(atWork).toBe(1);
    await vi.waitFor(() => expect(runtime.running()).toBe(0));
  });

  it('takes no more from a command than the client takes', async () => {
    const { exec, runtime } = await bench();
    const chunk = Buffer.alloc(64 * 1024);
    let taken = 0;
    runtime.commands.set('endless', () => {
      const stdout = new Readable({
        read() {
          taken += chunk.length;
          // What nobody holds back ends here.
          this.push(taken < 256 * 2 ** 20 ? chunk : null);
        },
      });
      const stderr = Readable.from([]);
      const ended = new Promise<number>((resolve) => void stdout.once('close', () => resolve(0)));
      return { stdin: new PassThrough(), stdout, stderr, ended, kill: () => stdout.destroy() };
    });
    let before = -1;
    let leave = () => {};
    const end = exec(execPath('web-0', ['endless']), {
      during: (client, channel, data) => {
        if (channel !== 1 || data.length === 0) return;
        client.pause();
        leave = () => client.terminate();
      },
    });
    await vi.waitUntil(() => {
      const settled = taken > 0 && taken === before;
      before = taken;
      return settled;
    });
    expect(taken).toBeLessThan(64 * 2 ** 20);
    leave();
    await end;
    await vi.waitFor(() => expect(runtime.running()).toBe(0));
  });

  it.each([
    ['no such pod', execPath('web-9', ['id']), 404, 'pods "web-9" not found'],
    ['no such container', execPath('web-0', ['id'], { container: 'x' }), 400, 'container x is not valid for pod web-0'],
    [
      'several containers',
      execPath('two', ['id']),
      400,
      'a container name must be specified for pod two, choose one of: [a b]',
    ],
    ['no node', execPath('new', ['id']), 400, 'pod new does not have a host assigned'],
    ['no command', execPath('web-0', []), 400, 'you must specify at least one command for the container'],
  ])('refuses: %s', async (_why, path, code, message) => {
    const { exec, store } = await bench();
    store.create(podWith('two', { a: 'running', b: 'running' }), { manager: 'test' });
    const pod = podWith('new', { a: { waiting: 'ContainerCreating' } });
    store.create({ ...pod, spec: { containers: [{ name: 'a' }] } }, { manager: 'test' });
    const end = await exec(path);
    expect([end.ended, end.status?.message]).toEqual([code, message]);
  });

  it.each([
    [V5, 1000, 'Internal error occurred: unable to upgrade connection: container not found ("a")'],
    [V4, 500, 'container not found ("a")'],
  ])('refuses a container that does not run, over %s', async (protocol, ended, message) => {
    const { exec, store } = await bench();
    store.create(podWith('gone', { a: 'terminated' }), { manager: 'test' });
    const end = await exec(execPath('gone', ['id']), { protocols: [protocol] });
    expect([end.ended, end.status?.message]).toEqual([ended, message]);
  });

  it('refuses a protocol that it does not speak', async () => {
    const { exec } = await bench({ protocols: [V4] });
    expect((await exec(execPath('web-0', ['id']))).ended).toBe(400);
    expect((await exec(execPath('web-0', ['id']), { protocols: [V5, V4] })).ended).toBe(1000);
  });

  it('demands create besides get, unless it is an older server', async () => {
    const user = { user: 'jane', groups: ['system:authenticated'] };
    const path = execPath('web-0', ['true']);
    const strict = await (await bench({ user })).exec(path);
    expect([strict.ended, strict.status?.message]).toEqual([
      403,
      'pods "web-0" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "haptic"',
    ]);
    expect((await (await bench({ user, execNeedsCreate: false })).exec(path)).ended).toBe(1000);
  });
});
