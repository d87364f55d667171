import { describe, expect, it } from 'vitest';
import { argumentsOf } from '../../src/evidence/helper-config/arguments.ts';
import { parseAsMeant } from '../../src/evidence/helper-config/as-meant.ts';
import { dataChangedAt, inEffect } from '../../src/evidence/helper-config/in-effect.ts';
import { meantKey } from '../../src/evidence/helper-config/meant-key.ts';
import { parseHelperConfig } from '../../src/evidence/helper-config/parse.ts';
import { releaseOf, versionOf } from '../../src/evidence/helper-config/release.ts';
import { repairSyntax } from '../../src/evidence/helper-config/repair.ts';
import { TOP_LEVEL_KEYS } from '../../src/evidence/helper-config/schema.ts';
import { hasMaskedValues, withoutMaskedComments } from '../../src/evidence/helper-config/text-edit.ts';
import { parseImageRef } from '../../src/evidence/image-ref.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { viewPod } from '../../src/evidence/view-pod.ts';
import { KNOWN_TEXTS } from './known-texts.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const MINUTE = 60_000;

function podWith(container: Readonly<Record<string, string | readonly string[]>>, startedMinutesAgo = 30): PodView {
  const iso = (at: number) => new Date(at).toISOString();
  return viewPod({
    at: iso(NOW),
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'n', creationTimestamp: iso(NOW - 60 * MINUTE) },
      spec: { containers: [{ name: 'helper', image: 'ghcr.io/spiffe/spiffe-helper:0.11.0', ...container }] },
      status: {
        containerStatuses: [
          { name: 'helper', state: { running: { startedAt: iso(NOW - startedMinutesAgo * MINUTE) } } },
        ],
      },
    },
  });
}

function helperIn(pod: PodView) {
  const [container] = pod.containers;
  if (!container) throw new Error('the pod has no container');
  return container;
}

describe('parseHelperConfig', () => {
  it('gives values with the places where they stand', () => {
    const parsed = parseHelperConfig(KNOWN_TEXTS['a full configuration'] ?? '');
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        agentAddress: { value: '/spiffe-workload-api/spire-agent.sock', line: 1, column: 17 },
        healthChecks: { listenerEnabled: { value: true, line: 9 }, bindPort: { value: 8081, line: 10 } },
        unknownKeys: [{ value: 'health_checks', line: 8, column: 1, rejectedBy: ['0.9'] }],
      },
    });
  });

  it('counts columns in characters, not bytes', () => {
    expect(parseHelperConfig('hint = "é" cmd = \'x\'\n')).toMatchObject({ ok: false, line: 1, column: 18 });
  });

  it.each([
    ['0600', 0o600],
    ['"0600"', 0o600],
    ['600', 600],
    ['0x1ff', 0x1ff],
  ])('reads the mode %s as %i', (written, value) => {
    expect(parseHelperConfig(`key_file_mode = ${written}\n`)).toMatchObject({ config: { keyFileMode: { value } } });
  });

  it('refuses a repeated key as 0.9 does and takes the last one as the others do', () => {
    const text = 'hint = "a"\nhint = "b"\n';
    expect(parseHelperConfig('cmd = "a"\ncmd = "b"\n', '0.9')).toMatchObject({ ok: false, line: 2, column: 1 });
    expect(parseHelperConfig(text, '0.10')).toMatchObject({ config: { hint: { value: 'b', line: 2 } } });
  });

  it('names the releases that refuse a key', () => {
    const parsed = parseHelperConfig('omit_expired = true\nhint = "x"\ncertDir = "/x"\n');
    expect(parsed).toMatchObject({
      config: {
        unknownKeys: [
          { value: 'omit_expired', line: 1, rejectedBy: ['0.9', '0.10'] },
          { value: 'hint', line: 2, rejectedBy: ['0.9'] },
          { value: 'certDir', line: 3, rejectedBy: ['0.9', '0.10', '0.11'] },
        ],
      },
    });
  });

  it('makes an entry of each setting of a jwt_svids block, as the library does', () => {
    const parsed = parseHelperConfig(KNOWN_TEXTS['JWT identities as a block'] ?? '');
    expect(parsed.ok && parsed.config.jwtSvidList).toHaveLength(2);
  });
});

describe('repairSyntax', () => {
  it.each([
    [
      'a section',
      'cert_dir = "/x"\n[health_checks]\nlistener_enabled = "yes"\n\ncmd = "/y"\n',
      'cert_dir = "/x"\nhealth_checks {\n  listener_enabled = true\n}\n\ncmd = "/y"\n',
    ],
    [
      'a section that ends like a block',
      '[health_checks]\n  bind_port = 1\n}\n',
      'health_checks {\n  bind_port = 1\n}\n',
    ],
    ['a section of its own', '[spiffe-helper]\ncert_dir = /x\n', 'cert_dir = "/x"\n'],
    ['a section of identities', '[[jwt_svids]]\njwt_audience = "a"\n', 'jwt_svids = [{\n  jwt_audience = "a"\n}]\n'],
    ['colons and comments', 'cert_dir: /x ; where\n', 'cert_dir = "/x" # where\n'],
    ['single quotes', "cert_dir = '/x'\n", 'cert_dir = "/x"\n'],
    ['a missing quote', 'cert_dir = "/x\n', 'cert_dir = "/x"\n'],
    ['a missing sign', 'cert_dir "/x"\n', 'cert_dir = "/x"\n'],
    ['a missing brace', 'health_checks {\n  bind_port = 1\n', 'health_checks {\n  bind_port = 1\n}\n'],
    ['a quoted boolean', 'daemon_mode = "true" # c\n', 'daemon_mode = true # c\n'],
    ['a byte order mark', '\ufeffhint = "a"\n', 'hint = "a"\n'],
  ])('mends %s', (_name, text, mended) => {
    expect(repairSyntax(text, '0.11')).toBe(mended);
  });

  it('leaves alone what it cannot understand', () => {
    expect(repairSyntax('health_checks {{{ ]\n', '0.11')).toBeUndefined();
  });
});

describe('what the command line says', () => {
  it.each([
    [['-config', '/a'], { config: '/a' }],
    [['--config=/a', '-daemon-mode=false'], { config: '/a', daemonMode: false }],
    [['-daemon-mode', 'false', '-config', '/a'], { daemonMode: true, unknown: [] }],
    [['-config', '/a', '-exitWhenReady'], { config: '/a', unknown: ['-exitWhenReady'] }],
  ])('of %j is %j', (args, expected) => {
    expect(argumentsOf(helperIn(podWith({ args })))).toMatchObject(expected);
  });

  it('finds the flags behind a shell and trusts them less', () => {
    const container = helperIn(podWith({ command: ['/bin/sh', '-c', 'sleep 1; /spiffe-helper -config /a'] }));
    expect(argumentsOf(container)).toMatchObject({ config: '/a', wrapped: true, unknown: [] });
  });
});

describe('the release', () => {
  it.each([
    ['ghcr.io/spiffe/spiffe-helper:0.11.0', '0.11'],
    ['registry:5000/x/spiffe-helper-rhel9:v0.10.0', '0.10'],
    ['ghcr.io/spiffe/spiffe-helper:0.9.1-fips', '0.9'],
    ['ghcr.io/spiffe/spiffe-helper:0.6.0', '0.8'],
    ['ghcr.io/spiffe/spiffe-helper:1.2.0', '0.11'],
  ])('of %s is %s', (image, release) => {
    const version = versionOf(parseImageRef(image));
    expect(version && releaseOf(version)).toBe(release);
  });

  it.each(['ghcr.io/spiffe/spiffe-helper:latest', 'ghcr.io/spiffe/spiffe-helper', 'x/other:0.11.0'])(
    'of %s is not known',
    (image) => {
      expect(versionOf(parseImageRef(image))).toBeUndefined();
    },
  );
});

describe('whether the text is in effect', () => {
  const managed = (...entries: readonly (readonly [string, JsonObject])[]) => ({
    metadata: { managedFields: entries.map(([time, fieldsV1]) => ({ time, fieldsV1 })) },
  });

  it('looks at changes of its own key only', () => {
    const configMap = managed(
      ['2026-11-22T02:00:00Z', { 'f:data': { 'f:helper.conf': {} } }],
      ['2026-11-22T02:50:00Z', { 'f:data': { 'f:other.conf': {} } }],
      ['2026-11-22T02:55:00Z', { 'f:metadata': {} }],
    );
    expect(dataChangedAt(configMap, 'helper.conf')).toBe(Date.parse('2026-11-22T02:00:00Z'));
    expect(dataChangedAt({ metadata: {} }, 'helper.conf')).toBeUndefined();
  });

  it.each([
    ['no', 'it was changed after the start', 30, { at: NOW - 10 * MINUTE }],
    ['no', 'the ConfigMap was made again after the start', 30, { at: NOW - 90 * MINUTE, created: NOW - 5 * MINUTE }],
    ['yes', 'it was changed long before the start', 30, { at: NOW - 40 * MINUTE }],
    ['yes', 'it was changed before the pod was made', 59, { at: NOW - 61 * MINUTE }],
    ['unknown', 'the volume may have lagged behind', 30, { at: NOW - 31 * MINUTE }],
    ['unknown', 'nothing says when it was changed', 30, {}],
  ] as const)('says %s when %s', (expected, _because, started, changed) => {
    const pod = podWith({}, started);
    expect(inEffect(pod, helperIn(pod), changed)).toBe(expected);
  });
});

describe('parseAsMeant', () => {
  it('counts what stands under an old name, and goes on naming the key as it is written', () => {
    const parsed = parseAsMeant('certDir = "/etc/haproxy/spiffe"\nagentAddress = "/run/agent.sock"\n', '0.11');
    expect(parsed).toMatchObject({
      config: {
        certDir: { value: '/etc/haproxy/spiffe', line: 1 },
        agentAddress: { value: '/run/agent.sock', line: 2 },
        keys: [{ value: 'certDir' }, { value: 'agentAddress' }],
        unknownKeys: [{ value: 'certDir' }, { value: 'agentAddress' }],
      },
    });
  });

  it('counts health settings that stand outside their block', () => {
    const parsed = parseAsMeant('listener_enabled = true\nbind_port = "8090"\n', '0.11');
    expect(parsed).toMatchObject({
      config: { healthChecks: { listenerEnabled: { value: true }, bindPort: { value: 8090, line: 2 } } },
    });
  });

  it('says which setting is meant where its value was not kept', () => {
    expect(parseAsMeant('svid_filename = "xxxxxxxx"\n', '0.11')).toMatchObject({
      config: { unsaid: ['svid_file_name'] },
    });
  });

  it('believes the right name where both stand', () => {
    const parsed = parseAsMeant('certDir = "/old"\ncert_dir = "/new"\n', '0.11');
    expect(parsed).toMatchObject({ config: { certDir: { value: '/new' } } });
  });

  it('reads old names as 0.8 does, and nothing into other keys', () => {
    const parsed = parseAsMeant('certDir = "/x"\nhint_ = "a"\n', '0.8');
    expect(parsed).toMatchObject({ config: { certDir: { value: '/x' } } });
    expect(parsed).not.toHaveProperty('config.unsaid');
  });
});

describe('small things', () => {
  it.each([
    ['certDir', 'cert_dir'],
    ['add_intermediates', 'add_intermediates_to_bundle'],
    ['health_check', 'health_checks'],
    ['svid_filename', 'svid_file_name'],
    ['nonsense', undefined],
  ])('takes %s for %s', (name, meant) => {
    expect(meantKey(name, TOP_LEVEL_KEYS)).toBe(meant);
  });

  it('drops masked comments and keeps everything else', () => {
    expect(withoutMaskedComments('# xxx xx\na = "b" # xxxx\nb = "# xx"\n\nc = 1\n')).toBe(
      'a = "b"\nb = "# xx"\n\nc = 1\n',
    );
    expect(hasMaskedValues('cmd_args = "xx xxx"')).toBe(true);
    expect(hasMaskedValues('cert_dir = "/x"')).toBe(false);
  });
});
