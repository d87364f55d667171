import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rememberKey } from '../scenario/minted-keys.ts';
import {
  checksIn,
  cut,
  type Edit,
  HAS_CHARTS,
  judgeCharts,
  replace,
  replaceAll,
  standing,
  WITHOUT_CHARTS,
} from './manifests.ts';

interface Fault {
  readonly edits: readonly Edit[];
  /** The only thing that may stand. */
  readonly cause: string;
  readonly culprit: string;
}

const HELPER = 'image: ghcr.io/spiffe/spiffe-helper:0.11.0';
const PLACEHOLDER = 'name: haptic-spiffe-validation-certs\n  namespace';
const KEY_HEAD = '    -----BEGIN PRIVATE KEY-----\n';
const KEY_END = '    -----END PRIVATE KEY-----\n';

function mintKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  rememberKey(pem);
  return pem;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'a socket name that no agent serves': {
    edits: [replace('spire-agent.sock', 'agent.sock')],
    cause: 'csi-socket-name/wrong-name',
    culprit: 'ConfigMap haptic-spiffe-helper-config',
  },
  'a TOML section in helper.conf': {
    edits: [
      replace('    health_checks {', '    [health_checks]'),
      replace('      readiness_path = "/ready"\n    }', '      readiness_path = "/ready"'),
    ],
    cause: 'helper-config-syntax/section-header',
    culprit: 'ConfigMap haptic-spiffe-helper-config',
  },
  'an image tag with a v': {
    edits: [replace('spiffe-helper:0.11.0', 'spiffe-helper:v0.11.0')],
    cause: 'helper-image-tag/v-prefix',
    culprit: 'Deployment haptic-haproxy',
  },
  'no init container that makes the directory': {
    edits: [cut('\n      initContainers:\n', '\n      securityContext:\n')],
    cause: 'spiffe-dir/missing',
    culprit: 'Deployment haptic-haproxy',
  },
  'a helper that runs as another user': {
    edits: [replace('runAsUser: 99', 'runAsUser: 1234', HELPER)],
    cause: 'file-ownership/helper-user-differs',
    culprit: 'Deployment haptic-haproxy',
  },
  'a placeholder that the controller does not mount': {
    edits: [
      replace(
        '        - mountPath: /etc/haproxy/spiffe\n          name: spiffe-validation-certs\n          readOnly: true\n',
        '',
      ),
      replace(
        '      - configMap:\n          name: haptic-spiffe-validation-certs\n        name: spiffe-validation-certs\n',
        '',
      ),
    ],
    cause: 'controller-placeholder/not-mounted',
    culprit: 'Deployment haptic-controller',
  },
  'a placeholder volume without its mount': {
    edits: [
      replace(
        '        - mountPath: /etc/haproxy/spiffe\n          name: spiffe-validation-certs\n          readOnly: true\n',
        '',
      ),
    ],
    cause: 'controller-placeholder/not-mounted',
    culprit: 'Deployment haptic-controller',
  },
  'a placeholder without its key': {
    edits: [cut('  svid.pem.key: |\n', '  bundle.pem: |\n', PLACEHOLDER)],
    cause: 'controller-placeholder/key-missing',
    culprit: 'ConfigMap haptic-spiffe-validation-certs',
  },
  "the guide's placeholder text instead of a key": {
    edits: [
      cut(KEY_HEAD, '  bundle.pem: |\n'),
      replace('  svid.pem.key: |\n', '  svid.pem.key: |\n    <paste generated private key PEM here>\n'),
    ],
    cause: 'controller-placeholder/no-private-key',
    culprit: 'ConfigMap haptic-spiffe-validation-certs',
  },
  'a CSI volume that is not read-only': {
    edits: [
      replace(
        '          driver: csi.spiffe.io\n          readOnly: true\n',
        '          driver: csi.spiffe.io\n          readOnly: false\n',
      ),
    ],
    cause: 'csi-socket-name/not-read-only',
    culprit: 'Deployment haptic-haproxy',
  },
  'a CSI volume that does not say that it is read-only': {
    edits: [
      replace('          driver: csi.spiffe.io\n          readOnly: true\n', '          driver: csi.spiffe.io\n'),
    ],
    cause: 'csi-socket-name/not-read-only',
    culprit: 'Deployment haptic-haproxy',
  },
  'an Enterprise user with sidecars left at 99': {
    edits: [
      replace(
        '        runAsUser: 99\n        runAsGroup: 99\n        fsGroup: 99\n',
        '        runAsUser: 1000\n        runAsGroup: 1000\n        fsGroup: 1000\n',
      ),
      replace('runAsUser: 99', 'runAsUser: 1000', '      - name: haproxy\n'),
      replace('image: haproxytech/haproxy-debian:3.2', 'image: hapee-registry.haproxy.com/haproxy-enterprise:3.2r1'),
    ],
    cause: 'file-ownership/enterprise-user',
    culprit: 'Deployment haptic-haproxy',
  },
  'a key that belongs to another certificate': {
    edits: [replace(KEY_HEAD, `${indented(mintKey())}    (cut)\n`), cut('    (cut)\n', KEY_END), replace(KEY_END, '')],
    cause: 'controller-placeholder/key-mismatch',
    culprit: 'ConfigMap haptic-spiffe-validation-certs',
  },
  'a helper.conf whose ConfigMap is called differently': {
    edits: [replace('  name: haptic-spiffe-helper-config\n  namespace', '  name: haptic-helper-config\n  namespace')],
    cause: 'helper-config-syntax/config-map-missing',
    culprit: 'ConfigMap haptic-spiffe-helper-config',
  },
};

describe.skipIf(!HAS_CHARTS)(`the charts as the guide renders them${WITHOUT_CHARTS}`, () => {
  it('have nothing at fail or warn, and say why the rest cannot be judged', async () => {
    const report = await judgeCharts();
    expect(standing(report)).toEqual([]);
    expect(report.verdict).toBe('healthy');
    expect(report.exitCode).toBe(0);
    expect(checksIn(report, 'ok')).toEqual([
      'controller-placeholder',
      'csi-socket-name',
      'file-ownership',
      'helper-config-syntax',
      'helper-image-tag',
      'spiffe-dir',
    ]);
    expect(
      report.results.filter(({ state }) => state !== 'ok').map(({ check, state, why }) => `${check} ${state} ${why}`),
    ).toEqual([
      'san-contents skipped needs-live',
      'svid-issued skipped needs-live',
      'svid-valid skipped needs-live',
      'cert-loaded skipped needs-live',
    ]);
    expect(report.results.every(({ detail, state }) => state === 'ok' || detail !== null)).toBe(true);
  });

  it('have an unknown where an object may be elsewhere, and a failure where it cannot be', async () => {
    const withoutConfig = [
      cut(
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: haptic-spiffe-helper-config\n',
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: haptic-spiffe-validation-certs\n',
      ),
    ];
    const partial = await judgeCharts(withoutConfig, [], false);
    expect(partial.results.find(({ check }) => check === 'helper-config-syntax')).toMatchObject({
      state: 'unknown',
      why: 'not-in-files',
    });
    expect(standing(partial)).toEqual([]);
    expect([partial.verdict, partial.exitCode]).toEqual(['inconclusive', 2]);
    const complete = await judgeCharts(withoutConfig, [], true);
    expect(standing(complete)).toEqual(['helper-config-syntax/config-map-missing']);
  });

  describe.each(Object.entries(FAULTS))('with %s', (_name, { edits, cause, culprit }) => {
    it(`have ${cause} as the only thing that stands`, async () => {
      const report = await judgeCharts(edits);
      expect(standing(report)).toEqual([cause]);
      expect(report.rootCauses.map((root) => `${root.culprit.kind} ${root.culprit.name}`)).toEqual([culprit]);
      expect(report.results.filter(({ state }) => state === 'fail')).toHaveLength(1);
      expect(report.verdict).toBe('broken');
      expect(report.exitCode).toBe(1);
      expect(checksIn(report, 'crashed')).toEqual([]);
    });

    it('have a fix that names the place in the files', async () => {
      const report = await judgeCharts(edits);
      const [root] = report.rootCauses;
      expect(root?.fix?.commands).toEqual([]);
      expect(root?.evidence.length).toBeGreaterThan(0);
      expect(root?.fix?.edit?.file ?? root?.fix?.durable ?? root?.fix?.manual).toBeTruthy();
    });
  });

  it('fail once for each of two faults that are independent of each other', async () => {
    const report = await judgeCharts([
      replace('spiffe-helper:0.11.0', 'spiffe-helper:v0.11.0'),
      replaceAll('spire-agent.sock', 'agent.sock'),
    ]);
    expect(standing(report)).toEqual(['csi-socket-name/wrong-name', 'helper-image-tag/v-prefix']);
  });
});
