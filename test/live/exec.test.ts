import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import type { ExecAnswer } from './api-server/exec-endpoint.ts';
import { framed, gatherFrom, healthyCluster, PROBE_TIMEOUT, testTimer } from './cluster.ts';

describe('the probe in a pod', () => {
  it.each([['v5.channel.k8s.io'], ['v4.channel.k8s.io']])('speaks %s', async (protocol) => {
    const { snapshot } = await gatherFrom({ server: { protocols: [protocol] } });
    expect(snapshot.probes.map(({ complete }) => complete)).toEqual([true, true]);
  });

  it('runs in the container of HAProxy, with its paths as words of their own', async () => {
    const { server } = await gatherFrom();
    const exec = server.requests.find(({ verb }) => verb === 'exec');
    expect(exec?.query.get('container')).toBe('haproxy');
    expect(exec?.query.getAll('command').slice(5, 10)).toEqual([
      '/etc/haproxy/haproxy-master.sock',
      '/etc/haproxy/spiffe',
      '/etc/haproxy/spiffe/svid.pem',
      '/etc/haproxy/spiffe/svid.pem.key',
      '/etc/haproxy/spiffe/bundle.pem',
    ]);
  });

  it('reads haproxy.cfg only when HAPTIC does not publish it', async () => {
    const published = await gatherFrom();
    const cluster = await healthyCluster();
    const unpublished = await gatherFrom({
      server: { objects: cluster.objects.filter(({ kind }) => kind !== 'HAProxyCfg') },
    });
    const config = ({ server }: typeof published) =>
      server.requests.find(({ verb }) => verb === 'exec')?.query.getAll('command')[10];
    expect([config(published), config(unpublished)]).toEqual(['', '/etc/haproxy/haproxy.cfg']);
  });

  it.each([
    ['get', ['get', 'create']],
    ['create', ['create']],
  ])('is unknown when RBAC forbids to %s it, and names %j', async (verb, expected) => {
    const message = `pods "haptic-haproxy-0" is forbidden: User "jane" cannot ${verb} resource "pods/exec"`;
    const { snapshot } = await gatherFrom({
      server: { fault: (request) => (request.verb === 'exec' ? { fault: 'status', status: 403, message } : undefined) },
    });
    const rules = snapshot.notCollected
      .filter(({ target }) => target.what === 'probe' && target.pod === 'haptic-haproxy-0')
      .map(({ rule }) => rule);
    expect(rules).toEqual(
      expected.map((named) => ({ verb: named, group: '', resource: 'pods/exec', namespace: 'haptic' })),
    );
    expect(snapshot.logs.length).toBeGreaterThan(0);
  });

  it('names no rule when an admission policy forbids it', async () => {
    const { snapshot } = await gatherFrom({
      server: {
        fault: ({ verb }) =>
          verb === 'exec'
            ? { fault: 'status', status: 403, message: 'admission webhook "exec.example" denied the request' }
            : undefined,
      },
    });
    expect(probesMissing(snapshot)).toEqual(['forbidden', 'forbidden']);
    expect(snapshot.notCollected.some(({ rule }) => rule !== undefined)).toBe(false);
  });

  it.each<[string, ExecAnswer]>([
    [
      'the runtime says so',
      {
        stdout: '',
        error: 'error executing command in container: exec: "sh": executable file not found in $PATH: unknown',
      },
    ],
    ['it exits with 127', { stdout: '', exit: 127 }],
    ['it exits with 126', { stdout: '', exit: 126 }],
  ])('says that the image has no shell when %s', async (_name, answer) => {
    const { snapshot } = await gatherFrom({ server: { exec: () => answer } });
    expect(probesMissing(snapshot)).toEqual(['no-shell', 'no-shell']);
    expect(snapshot.probes).toEqual([]);
  });

  it.each<[string, ExecAnswer]>([
    ['prints nothing', { stdout: '' }],
    ['prints something else', { stdout: 'Segmentation fault\n', exit: 139 }],
  ])('is no answer when it %s', async (_name, answer) => {
    const { snapshot } = await gatherFrom({ server: { exec: () => answer } });
    expect(probesMissing(snapshot)).toEqual(['no-answer', 'no-answer']);
  });

  it('keeps whole answers of an output that was cut off, and says that it was', async () => {
    const cluster = await healthyCluster();
    const whole = cluster.exec({
      namespace: 'haptic',
      pod: 'haptic-haproxy-0',
      container: 'haproxy',
      command: ['', '', '', '', 'b'],
    }).stdout.length;
    const { snapshot } = await gatherFrom({
      server: {
        fault: ({ verb }) => (verb === 'exec' ? { fault: 'cut-exec', bytes: Math.floor(whole / 2) } : undefined),
      },
    });
    const { snapshot: healthy } = await gatherFrom();
    expect(snapshot.probes.map(({ complete }) => complete)).toEqual([false, false]);
    for (const [index, { answers }] of snapshot.probes.entries()) {
      expect(answers.length).toBeGreaterThan(0);
      expect(answers).toEqual(healthy.probes[index]?.answers.slice(0, answers.length));
    }
  });

  it('is bounded when it prints without end', async () => {
    const { snapshot } = await gatherFrom({ server: { exec: () => ({ stdout: 'x'.repeat(5 * 2 ** 20) }) } });
    expect(snapshot.probes).toEqual([]);
    expect(snapshot.notCollected.filter(({ target }) => target.what === 'probe')).toHaveLength(2);
  });

  it('is unknown by timeout when the pod never answers, and other pods are not held up', async () => {
    const timer = testTimer();
    const { snapshot } = await gatherFrom({
      timer,
      server: {
        fault: ({ verb, name }) => (verb === 'exec' && name === 'haptic-haproxy-0' ? { fault: 'hang' } : undefined),
        exec: ({ command }) => {
          setTimeout(() => timer.elapse(PROBE_TIMEOUT), 200);
          return { stdout: framed([{ id: 'clock', argument: '', status: 0, text: '1795316400' }], command[4] ?? '') };
        },
      },
    });
    expect(probesMissing(snapshot)).toEqual(['timeout']);
    expect(snapshot.probes.map(({ pod }) => pod)).toEqual(['haptic-haproxy-1']);
  });

  it.each([
    ['a reset', { fault: 'reset' }],
    ['429', { fault: 'status', status: 429, retryAfter: '1' }],
    ['500', { fault: 'status', status: 500, message: 'unable to upgrade connection' }],
  ] as const)('is tried again after %s', async (_name, fault) => {
    const { snapshot } = await gatherFrom({
      server: { fault: ({ verb, before }) => (verb === 'exec' && before === 0 ? fault : undefined) },
    });
    expect(snapshot.notCollected).toEqual([]);
    expect(snapshot.requests.exec).toBe(4);
  });

  it('is not run where HAProxy does not run', async () => {
    const cluster = await healthyCluster();
    const objects = structuredClone(cluster.objects).map((object) => {
      const text = JSON.stringify(object);
      if (object.kind !== 'Pod' || !text.includes('"haptic-haproxy-0"')) return object;
      const { status } = object;
      const statuses = Object(status).containerStatuses.map((entry: { name: string }) =>
        entry.name === 'haproxy'
          ? { ...entry, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } }
          : entry,
      );
      return { ...object, status: { ...Object(status), containerStatuses: statuses } };
    });
    const { snapshot, server } = await gatherFrom({ server: { objects } });
    expect(server.requests.filter(({ verb }) => verb === 'exec').map(({ name }) => name)).toEqual(['haptic-haproxy-1']);
    expect(snapshot.notCollected.filter(({ target }) => target.what === 'probe')).toEqual([
      {
        target: { what: 'probe', namespace: 'haptic', pod: 'haptic-haproxy-0' },
        why: 'not-running',
        detail: 'container haproxy does not run (CrashLoopBackOff)',
      },
    ]);
  });
});

function probesMissing(snapshot: Snapshot): readonly string[] {
  return snapshot.notCollected.filter(({ target }) => target.what === 'probe').map(({ why }) => why);
}
