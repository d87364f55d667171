import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { forbidden } from './api-server/faults.ts';
import { gatherFrom, healthyCluster, RUN_TIMEOUT, testTimer } from './cluster.ts';

describe('ConfigMaps', () => {
  it('that are not there are known to be absent', async () => {
    const cluster = await healthyCluster();
    const objects = cluster.objects.filter(
      (object) => !JSON.stringify(object.metadata).includes('"haptic-spiffe-helper-config"'),
    );
    const { snapshot } = await gatherFrom({ server: { objects } });
    expect(snapshot.coverage).toContainEqual({
      kind: 'ConfigMap',
      namespace: 'haptic',
      name: 'haptic-spiffe-helper-config',
    });
    expect(names(snapshot)).not.toContain('ConfigMap haptic-spiffe-helper-config');
  });

  it('that are forbidden ask for the one name', async () => {
    const { snapshot } = await gatherFrom({
      server: { fault: (request) => (request.name === 'spire-agent' ? forbidden(request) : undefined) },
    });
    expect(snapshot.notCollected.map(({ rule }) => rule)).toEqual([
      { verb: 'get', group: '', resource: 'configmaps', namespace: 'spire-server', name: 'spire-agent' },
    ]);
  });
});

describe('logs', () => {
  it('that are forbidden are unknown with the rule', async () => {
    const { snapshot } = await gatherFrom({
      server: { fault: (request) => (request.verb === 'log' ? forbidden(request) : undefined) },
    });
    expect(snapshot.logs).toEqual([]);
    expect(
      snapshot.notCollected.every(
        ({ target, why, rule }) => target.what === 'log' && why === 'forbidden' && rule?.resource === 'pods/log',
      ),
    ).toBe(true);
    expect(snapshot.notCollected.length).toBeGreaterThan(0);
  });

  it('that the kubelet could not read are not taken for empty ones', async () => {
    const { snapshot } = await gatherFrom({
      server: { log: () => 'unable to retrieve container logs for containerd://abc' },
    });
    expect(snapshot.logs).toEqual([]);
    expect(new Set(snapshot.notCollected.map(({ why, detail }) => `${why}: ${detail}`))).toEqual(
      new Set(['unreadable: what came is no log: unable to retrieve container logs for containerd://abc']),
    );
  });

  it('of which the beginning was cut off say so', async () => {
    const { log } = await healthyCluster();
    const line = '2026-11-22T02:59:00Z time="x" level=info msg="Received update"\n';
    const { snapshot } = await gatherFrom({
      server: { log: (target) => (target.container === 'spiffe-helper' ? line.repeat(3000) : log(target)) },
    });
    const cut = snapshot.logs.filter(({ truncated }) => truncated).map(({ container }) => container);
    expect(cut).toEqual(['spiffe-helper', 'spiffe-helper']);
  });

  it('keep their newest lines when they are too large to read whole', async () => {
    const { log } = await healthyCluster();
    const line = `2026-11-22T02:59:00Z level=info msg="${'x'.repeat(4000)}"\n`;
    const last = '2026-11-22T02:59:59Z level=error msg="the newest line"\n';
    const { snapshot } = await gatherFrom({
      server: { log: (target) => (target.container === 'spiffe-helper' ? line.repeat(499) + last : log(target)) },
    });
    expect(snapshot.logs.filter(({ text }) => text.includes('the newest line'))).toHaveLength(2);
  });
});

describe('running out of time', () => {
  it('gives what is there and calls the rest unknown by deadline', async () => {
    const timer = testTimer();
    const { snapshot } = await gatherFrom({
      timer,
      server: {
        fault: ({ verb }) => (verb === 'exec' ? { fault: 'hang' } : undefined),
        onHang: () => setImmediate(() => timer.elapse(RUN_TIMEOUT)),
      },
    });
    expect(names(snapshot)).toContain('Pod haptic-haproxy-0');
    expect(snapshot.notCollected.filter(({ target }) => target.what === 'probe').map(({ why }) => why)).toEqual([
      'deadline',
      'deadline',
    ]);
  });

  it('gives what is there when the user interrupts', async () => {
    const controller = new AbortController();
    const { snapshot } = await gatherFrom({
      io: { signal: controller.signal },
      server: {
        fault: ({ verb }) => (verb === 'exec' ? { fault: 'hang' } : undefined),
        onHang: () => setImmediate(() => controller.abort()),
      },
    });
    expect(snapshot.source).toMatchObject({ interrupted: true });
    expect(snapshot.notCollected.filter(({ target }) => target.what === 'probe').map(({ why }) => why)).toEqual([
      'interrupted',
      'interrupted',
    ]);
  });
});

function names(snapshot: Snapshot): readonly string[] {
  return snapshot.objects.map(
    ({ object }) => `${object.kind} ${typeof object.metadata === 'object' ? Object(object.metadata).name : ''}`,
  );
}
