import { describe, expect, it } from 'vitest';
import { mintedKeys } from '../scenario/minted-keys.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';
import { EVERYTHING, gatherFrom, healthyCluster, withHaproxyPods } from './cluster.ts';

describe('gathering from a healthy cluster', () => {
  it('brings everything and has nothing to complain about', async () => {
    const { snapshot } = await gatherFrom();
    expect(snapshot.notCollected).toEqual([]);
    expect(snapshot.probes.map(({ pod, complete }) => [pod, complete])).toEqual([
      ['haptic-haproxy-0', true],
      ['haptic-haproxy-1', true],
    ]);
    expect(snapshot.source).toMatchObject({ kind: 'live', context: 'test', serverVersion: 'v1.34.2' });
    expect(snapshot.observedAt).toBe(new Date(OBSERVED_AT).toISOString());
  });

  it.each([1, 10, 100])(
    'makes as many list calls for %i HAProxy pods as for two, and one exec a pod',
    async (count) => {
      const two = await gatherFrom();
      const cluster = await healthyCluster();
      const { snapshot, server } = await gatherFrom({ server: { objects: withHaproxyPods(cluster.objects, count) } });
      expect(snapshot.requests.list).toBe(two.snapshot.requests.list);
      expect(snapshot.requests.other).toBe(two.snapshot.requests.other);
      expect(snapshot.requests.exec).toBe(count);
      const execs = server.requests.filter(({ verb }) => verb === 'exec').map(({ name }) => name);
      expect(execs.toSorted()).toEqual(
        Array.from({ length: count }, (_, index) => `haptic-haproxy-${index}`).toSorted(),
      );
      expect(snapshot.probes).toHaveLength(count);
    },
  );

  it('counts what the server saw', async () => {
    const { snapshot, server } = await gatherFrom();
    const seen = (verb: string) => server.requests.filter((request) => request.verb === verb).length;
    expect(snapshot.requests).toEqual({
      list: seen('list'),
      exec: seen('exec'),
      log: seen('log'),
      other: seen('get') + seen('other'),
    });
  });

  it('reads ConfigMaps by name and never lists them, nor Secrets', async () => {
    const { server } = await gatherFrom();
    const lists = server.requests.filter(({ verb }) => verb === 'list').map(({ kind }) => kind);
    expect(lists).not.toContain('ConfigMap');
    expect(lists).not.toContain('Secret');
    const names = server.requests
      .filter(({ kind, verb }) => kind === 'ConfigMap' && verb === 'get')
      .map(({ namespace, name }) => `${namespace}/${name}`);
    expect(names.toSorted()).toEqual([
      'haptic/haptic-spiffe-helper-config',
      'haptic/haptic-spiffe-validation-certs',
      'spire-server/spire-agent',
      'spire-server/spire-controller-manager',
    ]);
  });

  it('lets no private key into the snapshot', async () => {
    const { snapshot } = await gatherFrom();
    const text = JSON.stringify(snapshot).replaceAll(/\\n|\s/g, '');
    const bodies = mintedKeys().map((pem) => pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''));
    expect(bodies.length).toBeGreaterThan(0);
    expect(bodies.filter((body) => text.includes(body.slice(30, 120)))).toEqual([]);
  });

  it('asks for nothing that no selected check needs', async () => {
    const { snapshot, server } = await gatherFrom({ request: { items: ['pods'] } });
    expect(new Set(server.requests.map(({ kind, verb }) => `${verb} ${kind}`))).toEqual(
      new Set([
        'other ',
        'list Pod',
        'list Deployment',
        'list DaemonSet',
        'list ReplicaSet',
        'list HAProxyTemplateConfig',
      ]),
    );
    expect(snapshot.requests).toMatchObject({ exec: 0, log: 0 });
  });

  it('asks the cluster while it is still being worked out what is wanted', async () => {
    const heard = Promise.withResolvers<void>();
    const { snapshot } = await gatherFrom({
      server: { onRequest: () => heard.resolve() },
      request: {
        items: async () => {
          // Were nothing asked before this is known, it would never be known.
          await heard.promise;
          return EVERYTHING;
        },
      },
    });
    const { snapshot: known } = await gatherFrom();
    expect(snapshot.requests).toEqual(known.requests);
    expect(snapshot.coverage).toEqual(known.coverage);
  });

  it('runs nothing in pods and reads no logs when told so', async () => {
    const { snapshot, server } = await gatherFrom({ request: { noExec: true, noLogs: true } });
    expect(server.requests.filter(({ verb }) => verb === 'exec' || verb === 'log')).toEqual([]);
    expect(new Set(snapshot.notCollected.map(({ target, why }) => `${target.what} ${why}`))).toEqual(
      new Set(['probe switched-off', 'log switched-off']),
    );
  });

  it('looks into the named pod only', async () => {
    const { snapshot } = await gatherFrom({ request: { pods: ['haptic-haproxy-1'] } });
    expect(snapshot.probes.map(({ pod }) => pod)).toEqual(['haptic-haproxy-1']);
    expect(snapshot.logs.map(({ pod }) => pod)).not.toContain('haptic-haproxy-0');
  });

  it('refuses a pod that is not there with the names of those that are', async () => {
    await expect(gatherFrom({ request: { pods: ['nobody'] } })).rejects.toThrow(
      /no HAProxy or controller pod is called 'nobody'.*haptic-haproxy-0/,
    );
  });

  it('stays in the namespace of -n, but for SPIRE and the backends', async () => {
    const { snapshot, server } = await gatherFrom({ request: { namespace: 'haptic' } });
    const lists = server.requests
      .filter(({ verb, kind }) => verb === 'list' && kind === 'Pod')
      .map(({ namespace }) => namespace);
    expect(lists.toSorted()).toEqual(['haptic', 'shop', 'spire-server']);
    expect(snapshot.notCollected).toEqual([]);
  });

  it('takes its times from the API server when the local clock is wrong, and says so', async () => {
    const { snapshot } = await gatherFrom({ io: { now: () => OBSERVED_AT + 3_600_000 } });
    expect(Math.abs(Date.parse(snapshot.observedAt) - OBSERVED_AT)).toBeLessThan(2000);
    expect(snapshot.notes.join()).toMatch(/this computer's clock is 3[56]\d\d s ahead of/);
  });
});
