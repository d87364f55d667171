import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { dig, type JsonObject } from '../../src/evidence/json.ts';
import { World } from '../../src/evidence/world.ts';
import { foreseeNamed } from '../../src/sources/live/wanted-config-maps.ts';
import { forbidden } from './api-server/faults.ts';
import { EVERYTHING, gatherFrom, healthyCluster } from './cluster.ts';

const HELPER = 'haptic-spiffe-helper-config';

/** HAProxy's pods are there still, and their Deployment says that they will be something else. */
async function runningSomethingElse(): Promise<readonly JsonObject[]> {
  const { objects } = await healthyCluster();
  const elsewhere = { template: { spec: { containers: [{ name: 'else', image: 'registry.example.net/else:1' }] } } };
  return objects.map((object) =>
    object.kind === 'Deployment' && dig(object, 'metadata', 'name') === 'haptic-haproxy'
      ? { ...object, spec: elsewhere }
      : object,
  );
}

/** An agent that mounts the ConfigMap of HAPTIC's helper. */
async function withSharedConfigMap(): Promise<readonly JsonObject[]> {
  const { objects } = await healthyCluster();
  const container = {
    name: 'agent',
    image: 'ghcr.io/spiffe/spire-agent:1.15.3',
    volumeMounts: [{ name: 'config', mountPath: '/opt/spire/conf/agent' }],
  };
  const volumes = [{ name: 'config', configMap: { name: HELPER } }];
  const template = { metadata: { labels: {} }, spec: { containers: [container], volumes } };
  const metadata = { name: 'agent', namespace: 'haptic' };
  return [...objects, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { selector: {}, template } }];
}

describe('the ConfigMaps that are asked for as soon as pods are listed', () => {
  const both = ['haptic-spiffe-helper-config', 'haptic-spiffe-validation-certs'];
  it.each([
    ['those of HAPTIC', {}, both],
    ['those in the namespace given', { namespace: 'haptic' }, both],
    ['none of another namespace', { namespace: 'shop' }, []],
    ['none where a release is given', { release: 'haptic' }, []],
    ['none where a pod is given', { pods: ['haptic-haproxy-0'] }, []],
    ['none where labels are given', { selector: 'a=b' }, []],
    ['none where they are not wanted', { items: ['pods'] as const }, []],
  ])('are %s', async (_what, given, names) => {
    const { snapshot } = await gatherFrom();
    const podsOnly = { ...snapshot, objects: snapshot.objects.filter(({ object }) => object.kind === 'Pod') };
    const foreseen = foreseeNamed({ items: EVERYTHING, ...given }, new World(podsOnly));
    expect([...new Set(foreseen.map(({ name }) => name))].toSorted()).toEqual(names);
  });

  it('leaves no trace of what was asked for too early', async () => {
    const { snapshot, server } = await gatherFrom({ server: { objects: await runningSomethingElse() } });
    expect(server.requests.map(({ name }) => name)).toContain('haptic-spiffe-helper-config');
    const names = [
      ...snapshot.objects.map(({ object }) => dig(object, 'metadata', 'name')),
      ...snapshot.coverage.map(({ name }) => name),
      ...snapshot.notCollected.map(({ target }) => 'name' in target && target.name),
    ];
    expect(names).toContain('haptic-spiffe-validation-certs');
    expect(names).not.toContain('haptic-spiffe-helper-config');
  });

  it('are asked for no more once the run is over', async () => {
    const { timer, server } = await gatherFrom({
      server: {
        objects: await runningSomethingElse(),
        fault: ({ name }) => (name === HELPER ? { fault: 'hang' } : undefined),
      },
    });
    expect(server.requests.map(({ name }) => name)).toContain(HELPER);
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(timer.pauses).toEqual([]);
  });

  it('are none where a single call is made at a time: one that nobody wants would hold up all others', async () => {
    const { server } = await gatherFrom({
      server: { objects: await runningSomethingElse() },
      request: { concurrency: 1 },
    });
    expect(server.requests.map(({ name }) => name)).not.toContain(HELPER);
  });
});

describe('a ConfigMap that HAPTIC and SPIRE both mount', () => {
  it('is read and recorded once', async () => {
    const { snapshot, server } = await gatherFrom({ server: { objects: await withSharedConfigMap() } });
    expect(server.requests.filter(({ name }) => name === HELPER)).toHaveLength(1);
    expect(snapshot.coverage.filter(({ name }) => name === HELPER)).toHaveLength(1);
  });

  it('is refused once', async () => {
    const { snapshot } = await gatherFrom({
      server: {
        objects: await withSharedConfigMap(),
        fault: (request) => (request.name === HELPER ? forbidden(request) : undefined),
      },
    });
    expect(snapshot.notCollected.map(({ why }) => why)).toEqual(['forbidden']);
  });
});
