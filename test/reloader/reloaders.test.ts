import { describe, expect, it } from 'vitest';
import { discover } from '../../src/evidence/discovery.ts';
import { reloaderLogs, reloaders } from '../../src/evidence/facts/reloader.ts';
import { World } from '../../src/evidence/world.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

const HAPROXY = 'Deployment haptic/haptic-haproxy';
const RELOADER = 'spec.template.spec.containers[3]';

async function facts(...change: readonly Change[]) {
  const world = new World(await buildCase({ source: 'live', complete: true, change }));
  const subject = discover(world).subjects.find(({ ref }) => ref.name === 'haptic-haproxy-0');
  if (!subject) throw new Error('the base has no such pod');
  return { views: reloaders.read(world, subject), logs: reloaderLogs.read(world, subject) };
}

describe('reloaders', () => {
  it('follows socket and certificate through the mounts of both containers', async () => {
    const { views } = await facts();
    expect(views).toMatchObject({
      state: 'known',
      value: [
        {
          container: { name: 'cert-reloader' },
          reaches: 'master-socket',
          reads: 'same-file',
          masterSocket: { path: '/etc/haproxy/haproxy-master.sock', level: 'admin' },
        },
      ],
    });
  });

  it('knows another socket and another file system', async () => {
    const { views } = await facts(
      { object: HAPROXY, replace: { at: `${RELOADER}.args[0]`, from: 'SOCK=/etc/haproxy/', to: 'SOCK=/tmp/' } },
      { object: HAPROXY, set: { at: `${RELOADER}.volumeMounts`, to: [] } },
    );
    expect(views).toMatchObject({ value: [{ reaches: 'other-socket', reads: 'other-file' }] });
  });

  it('finds a reloader under any name', async () => {
    const { views } = await facts({ object: HAPROXY, set: { at: `${RELOADER}.name`, to: 'certs' } });
    expect(views).toMatchObject({ value: [{ container: { name: 'certs' } }] });
  });

  it('is absent where no container pushes', async () => {
    const { views, logs } = await facts({ object: HAPROXY, set: { at: RELOADER } });
    expect([views.state, logs.state]).toEqual(['absent', 'absent']);
  });
});

describe('reloaderLogs', () => {
  it('reads the newest push through the redaction gate', async () => {
    const { logs } = await facts({
      log: {
        container: 'cert-reloader',
        lines: [
          '-60s Transaction created for certificate /etc/haproxy/spiffe/svid.pem!',
          '-60s Committing /etc/haproxy/spiffe/svid.pem...',
          '-60s Success!',
          '-59s cert-reloader: certificates updated via runtime API at 2026-11-22T02:59:01+00:00',
        ],
      },
    });
    expect(logs).toMatchObject({
      state: 'known',
      value: [{ container: 'cert-reloader', lastPush: { certificate: 'committed', ca: 'not-tried', errors: [] } }],
    });
  });

  it('passes a refusal on', async () => {
    const { logs } = await facts({ refuse: { what: 'log', container: 'cert-reloader', why: 'forbidden' } });
    expect(logs).toMatchObject({ state: 'unknown', why: 'forbidden' });
  });
});
