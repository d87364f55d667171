import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { forbidden } from './api-server/faults.ts';
import { gatherFrom, healthyCluster, REQUEST_TIMEOUT, testTimer, withHaproxyPods } from './cluster.ts';

const HARMLESS = ['Service', 'Endpoints', 'Ingress', 'CSINode', 'ClusterSPIFFEID', 'HAProxyCfg', 'Event'];

describe('one list that fails', () => {
  it.each(HARMLESS)(
    'is recorded with the rule to ask for when %s is forbidden, and changes nothing else',
    async (kind) => {
      const { snapshot: healthy } = await gatherFrom();
      const { snapshot } = await gatherFrom({
        server: { fault: (request) => (request.kind === kind ? forbidden(request) : undefined) },
      });
      const refused = snapshot.notCollected.filter(({ target }) => target.what === 'objects');
      expect(
        refused.every(
          ({ target, why, rule }) =>
            target.what === 'objects' && target.kind === kind && why === 'forbidden' && rule?.verb === 'list',
        ),
      ).toBe(true);
      expect(refused.length).toBeGreaterThan(0);
      expect(snapshot.coverage.map((cover) => cover.kind)).not.toContain(kind);
      expect(names(snapshot)).toEqual(names(healthy).filter((name) => !name.startsWith(`${kind} `)));
      expect(snapshot.probes).toHaveLength(2);
    },
  );

  it('is asked for in the context’s namespace when it is forbidden across all', async () => {
    const { snapshot } = await gatherFrom({
      server: {
        fault: (request) =>
          request.kind === 'Pod' && request.verb === 'list' && request.namespace === undefined
            ? forbidden(request)
            : undefined,
      },
    });
    expect(snapshot.coverage).toContainEqual({ kind: 'Pod', namespace: 'haptic' });
    expect(snapshot.notCollected).toContainEqual({
      target: { what: 'objects', kind: 'Pod' },
      why: 'forbidden',
      detail: 'User "jane" cannot list resource "pod"',
      rule: { verb: 'list', group: '', resource: 'pods' },
    });
    expect(snapshot.probes).toHaveLength(2);
  });

  it('is not asked for in one namespace with --all-namespaces', async () => {
    const { server } = await gatherFrom({
      request: { allNamespaces: true },
      server: { fault: (request) => (request.kind === 'Ingress' ? forbidden(request) : undefined) },
    });
    expect(server.requests.filter(({ kind }) => kind === 'Ingress')).toHaveLength(1);
  });

  it.each([
    ['429', { fault: 'status', status: 429 }],
    ['500', { fault: 'status', status: 500 }],
    ['503', { fault: 'status', status: 503 }],
    ['a reset', { fault: 'reset' }],
    ['half a page', { fault: 'half' }],
    ['JSON that breaks off', { fault: 'cut-json' }],
    ['garbage', { fault: 'garbage' }],
  ] as const)('is repeated after %s, so that nothing is missing', async (_name, fault) => {
    const { snapshot, timer } = await gatherFrom({
      server: { fault: ({ kind, before }) => (kind === 'Service' && before === 0 ? fault : undefined) },
    });
    expect(snapshot.notCollected).toEqual([]);
    expect(timer.pauses).toHaveLength(1);
  });

  it('is given up after four attempts with growing pauses', async () => {
    const { snapshot, server, timer } = await gatherFrom({
      server: {
        fault: ({ kind }) =>
          kind === 'Service' ? { fault: 'status', status: 503, message: 'etcd is slow' } : undefined,
      },
    });
    expect(server.requests.filter(({ kind }) => kind === 'Service')).toHaveLength(4);
    expect(timer.pauses).toEqual([250, 500, 1000]);
    expect(snapshot.notCollected).toEqual([
      {
        target: { what: 'objects', kind: 'Service' },
        why: 'server-error',
        detail: 'the API server answered 503: etcd is slow',
      },
    ]);
  });

  it('waits as long as Retry-After says', async () => {
    const { timer } = await gatherFrom({
      server: {
        fault: ({ kind, before }) =>
          kind === 'Service' && before === 0 ? { fault: 'status', status: 429, retryAfter: '3' } : undefined,
      },
    });
    expect(timer.pauses).toEqual([3000]);
  });

  it.each([400, 401, 403, 405, 409, 422])('is not repeated after %i', async (status) => {
    const { server, snapshot } = await gatherFrom({
      server: { fault: ({ kind }) => (kind === 'CSIDriver' ? { fault: 'status', status } : undefined) },
    });
    expect(server.requests.filter(({ kind }) => kind === 'CSIDriver')).toHaveLength(1);
    expect(snapshot.notCollected).toHaveLength(1);
  });

  it('is unknown by timeout when the server never answers', async () => {
    const timer = testTimer();
    const { snapshot } = await gatherFrom({
      timer,
      server: {
        fault: ({ kind }) => (kind === 'Service' ? { fault: 'hang' } : undefined),
        onHang: () => setImmediate(() => timer.elapse(REQUEST_TIMEOUT)),
      },
    });
    expect(snapshot.notCollected.map(({ target, why }) => [target, why])).toContainEqual([
      { what: 'objects', kind: 'Service' },
      'timeout',
    ]);
  });
});

describe('a list of many pages', () => {
  const many = async () => withHaproxyPods((await healthyCluster()).objects, 1200);
  const request = { items: ['pods'] } as const;

  it('is read to its end', async () => {
    const { snapshot } = await gatherFrom({ request, server: { objects: await many() } });
    expect(snapshot.objects.filter(({ object }) => object.kind === 'Pod').length).toBeGreaterThan(1200);
    expect(snapshot.coverage).toContainEqual({ kind: 'Pod' });
  });

  it('begins anew when the server has forgotten where it was, once', async () => {
    const { snapshot, server } = await gatherFrom({
      request,
      server: {
        objects: await many(),
        fault: ({ query, kind }) =>
          kind === 'Pod' && query.has('continue') ? { fault: 'status', status: 410 } : undefined,
      },
    });
    expect(server.requests.filter(({ kind }) => kind === 'Pod').map(({ query }) => query.get('continue'))).toEqual([
      null,
      '500',
      null,
      '500',
    ]);
    expect(snapshot.notCollected.map(({ why }) => why)).toEqual(['server-error']);
    expect(snapshot.coverage.map(({ kind }) => kind)).not.toContain('Pod');
  });

  it('is whole when the server forgot once only', async () => {
    let forgotten = false;
    const { snapshot } = await gatherFrom({
      request,
      server: {
        objects: await many(),
        fault: ({ query, kind }) => {
          if (kind !== 'Pod' || !query.has('continue') || forgotten) return undefined;
          forgotten = true;
          return { fault: 'status', status: 410 };
        },
      },
    });
    expect(snapshot.notCollected).toEqual([]);
    expect(
      snapshot.objects.filter(
        ({ object }) => object.kind === 'Pod' && String(JSON.stringify(object)).includes('haptic-haproxy-1199'),
      ),
    ).toHaveLength(1);
  });
});

describe('a group that the cluster does not serve', () => {
  it('means that there are no such objects, with a note', async () => {
    const { snapshot } = await gatherFrom({ server: { without: ['spire.spiffe.io'] } });
    expect(snapshot.coverage).toContainEqual({ kind: 'ClusterSPIFFEID' });
    expect(snapshot.notCollected).toEqual([]);
    expect(snapshot.notes).toContain(
      'the cluster does not serve clusterspiffeids.spire.spiffe.io, so there are no ClusterSPIFFEID objects',
    );
  });

  it('is not believed for kinds that every cluster has', async () => {
    const { snapshot } = await gatherFrom({ server: { without: ['storage.k8s.io'] } });
    expect(snapshot.coverage.map(({ kind }) => kind)).not.toContain('CSIDriver');
  });
});

function names(snapshot: Snapshot): readonly string[] {
  return snapshot.objects.map(
    ({ object }) => `${object.kind} ${typeof object.metadata === 'object' ? Object(object.metadata).name : ''}`,
  );
}
