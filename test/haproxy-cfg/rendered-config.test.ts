import { describe, expect, it } from 'vitest';
import { discover } from '../../src/evidence/discovery.ts';
import { renderedConfig } from '../../src/evidence/facts/rendered-config.ts';
import { backendsOf } from '../../src/evidence/haproxy-cfg/backend-names.ts';
import { World } from '../../src/evidence/world.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

const CFG = 'HAProxyCfg haptic/haptic-config-haproxycfg';

async function read(...change: readonly Change[]) {
  const world = new World(await buildCase({ source: 'live', complete: true, change }));
  const subject = discover(world).subjects.find(({ ref }) => ref.name === 'haptic-haproxy-0');
  if (!subject) throw new Error('the base has no such pod');
  return renderedConfig.read(world, subject);
}

const status = (to: Record<string, string | number>): Change => ({
  object: CFG,
  set: { at: 'status.deployedToPods[0]', to },
});

describe('renderedConfig', () => {
  it('reads what HAPTIC published and deployed to the pod', async () => {
    const reading = await read();
    expect(reading).toMatchObject({
      state: 'known',
      value: {
        from: 'HAProxyCfg',
        deployed: true,
        global: { daemon: true },
        backends: [{ name: 'shop_api_svc_api_https' }],
      },
      from: { object: { kind: 'HAProxyCfg', name: 'haptic-config-haproxycfg' }, field: 'spec.content' },
    });
  });

  it('says that a pod with another checksum does not run it', async () => {
    const reading = await read(status({ podName: 'haptic-haproxy-0', checksum: 'sha256:older' }));
    expect(reading).toMatchObject({ state: 'known', value: { deployed: false } });
  });

  it('says that a pod which HAPTIC does not list does not run it', async () => {
    expect(await read(status({ podName: 'gone' }))).toMatchObject({ state: 'known', value: { deployed: false } });
  });

  it('keeps a current error and leaves out one that was overcome', async () => {
    const error = {
      podName: 'haptic-haproxy-0',
      checksum: 'sha256:5b1c',
      lastError: 'reload failed',
      lastErrorAt: '2026-11-22T02:50:00Z',
    };
    expect(await read(status({ ...error, consecutiveErrors: 2 }))).toMatchObject({
      value: { deployError: { text: 'reload failed', at: Date.parse('2026-11-22T02:50:00Z') } },
    });
    const overcome = await read(status({ ...error, consecutiveErrors: 0 }));
    expect(overcome.state === 'known' && overcome.value.deployError).toBeUndefined();
  });

  it('prefers the file in the pod where HAPTIC says that its own is not there yet', async () => {
    const text = '3:backend shop_api_svc_api_https\n4: server SRV_1 10.0.1.7:8443\n';
    const reading = await read(status({ podName: 'haptic-haproxy-0', checksum: 'sha256:older' }), {
      answer: { pod: 'haptic-haproxy-0', id: 'config', argument: '/etc/haproxy/haproxy.cfg', text },
    });
    expect(reading).toMatchObject({
      state: 'known',
      value: { from: 'pod', deployed: true, backends: [{ line: 3, servers: [{ line: 4, tls: { ssl: false } }] }] },
    });
  });

  it('never takes a rejected configuration', async () => {
    const reading = await read({ object: CFG, set: { at: 'metadata.name', to: 'haptic-config-haproxycfg-invalid' } });
    expect(reading.state).toBe('absent');
  });

  it('cannot tell what packed content says', async () => {
    expect(await read({ object: CFG, set: { at: 'spec.content' } })).toMatchObject({
      state: 'unknown',
      why: 'unreadable',
    });
  });

  it('passes a refusal on', async () => {
    const reading = await read({ refuse: { what: 'objects', kind: 'HAProxyCfg', why: 'forbidden' } });
    expect(reading).toMatchObject({ state: 'unknown', why: 'forbidden' });
  });
});

describe('backendsOf', () => {
  const names = [
    'shop_api_svc_api_https',
    'shop_api_svc_api-v2_443',
    'shop_api2_svc_api_https',
    'shop_api_svc_api',
    'default_backend',
  ].map((name) => ({ name }));

  it('finds the backends of one Ingress and no others', () => {
    expect(backendsOf(names, { kind: 'Ingress', namespace: 'shop', name: 'api' }).map(({ name }) => name)).toEqual([
      'shop_api_svc_api_https',
      'shop_api_svc_api-v2_443',
      'shop_api_svc_api',
    ]);
  });

  it('tells services apart whose names begin alike', () => {
    expect(
      backendsOf(names, { kind: 'Ingress', namespace: 'shop', name: 'api' }, 'api').map(({ name }) => name),
    ).toEqual(['shop_api_svc_api_https', 'shop_api_svc_api']);
  });
});
