import { describe, expect, it } from 'vitest';
import { discover } from '../../src/evidence/discovery.ts';
import { svidFiles, svidPathsOf } from '../../src/evidence/facts/svid-files.ts';
import type { Subject } from '../../src/evidence/subject.ts';
import { World } from '../../src/evidence/world.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

const POD = 'haptic-haproxy-0';

async function scenario(...change: readonly Change[]): Promise<{ world: World; subject: Subject }> {
  const world = new World(await buildCase({ source: 'live', complete: true, change }));
  const subject = discover(world).subjects.find(({ ref }) => ref.name === POD);
  if (!subject) throw new Error(`the scenario has no ${POD}`);
  return { world, subject };
}

async function paths(...change: readonly Change[]) {
  const { world, subject } = await scenario(...change);
  return svidPathsOf(world, subject);
}

const withoutConfig: Change = { remove: 'HAProxyCfg haptic/haptic-config-haproxycfg' };
const withoutTemplate: Change = { remove: 'HAProxyTemplateConfig haptic/haptic-config' };
const guide = {
  directory: '/etc/haproxy/spiffe',
  svid: '/etc/haproxy/spiffe/svid.pem',
  key: '/etc/haproxy/spiffe/svid.pem.key',
  bundle: '/etc/haproxy/spiffe/bundle.pem',
};

describe('the paths of the SVID', () => {
  it('are those of the rendered configuration', async () => {
    const config = 'HAProxyCfg haptic/haptic-config-haproxycfg';
    const rendered: Change[] = [
      { object: config, replace: { at: 'spec.content', from: '/etc/haproxy/spiffe/svid.pem', to: 'mtls/leaf.pem' } },
      { object: config, replace: { at: 'spec.content', from: '/etc/haproxy/spiffe/bundle.pem', to: '/etc/roots.pem' } },
    ];
    expect(await paths(...rendered)).toEqual({
      directory: '/etc/haproxy/ssl/mtls',
      svid: '/etc/haproxy/ssl/mtls/leaf.pem',
      key: '/etc/haproxy/ssl/mtls/leaf.pem.key',
      bundle: '/etc/roots.pem',
    });
  });

  it('are those of the snippet before anything was rendered', async () => {
    const template = 'HAProxyTemplateConfig haptic/haptic-config';
    const at = 'spec.templateSnippets.backend-directives-800-server-mtls-spire.template';
    const renamed: Change[] = [
      { object: template, replace: { at, from: '/etc/haproxy/spiffe/svid.pem', to: '/etc/haproxy/mtls/a.pem' } },
      { object: template, replace: { at, from: '/etc/haproxy/spiffe/bundle.pem', to: '/etc/haproxy/mtls/b.pem' } },
    ];
    expect(await paths(withoutConfig, ...renamed)).toEqual({
      directory: '/etc/haproxy/mtls',
      svid: '/etc/haproxy/mtls/a.pem',
      key: '/etc/haproxy/mtls/a.pem.key',
      bundle: '/etc/haproxy/mtls/b.pem',
    });
  });

  it('are those that the helper writes to, where neither configuration nor snippet was seen', async () => {
    const helper: Change = {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: '"svid.pem"', to: '"mine.pem"' },
    };
    expect(await paths(withoutConfig, withoutTemplate, helper)).toEqual({
      ...guide,
      svid: '/etc/haproxy/spiffe/mine.pem',
      key: '/etc/haproxy/spiffe/mine.pem.key',
    });
  });

  it('are the guide\u2019s where nothing says otherwise', async () => {
    const noHelper: Change = { remove: 'ConfigMap haptic/haptic-spiffe-helper-config' };
    expect(await paths(withoutConfig, withoutTemplate, noHelper)).toEqual(guide);
  });
});

describe('the fact svidFiles', () => {
  it('holds what the probe saw, and when another pod got its SVID', async () => {
    const { world, subject } = await scenario({ svid: { pod: 'haptic-haproxy-1', notBefore: '-5m', notAfter: '55m' } });
    expect(svidFiles.read(world, subject)).toMatchObject({
      state: 'known',
      value: {
        paths: guide,
        svid: {
          state: 'known',
          value: { certificates: [{ uris: ['spiffe://prod.example.com/ns/haptic/sa/default'] }] },
        },
        newestElsewhere: world.now - 5 * 60_000,
      },
    });
  });

  it('is unknown with the rule to ask for when exec is forbidden', async () => {
    const rule = { verb: 'create', group: '', resource: 'pods/exec', namespace: 'haptic' };
    const { world, subject } = await scenario({
      refuse: { what: 'probe', pod: POD, why: 'forbidden', detail: 'no', rule },
    });
    expect(svidFiles.read(world, subject)).toMatchObject({ state: 'unknown', why: 'forbidden', rule });
  });
});
