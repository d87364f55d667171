import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { cut, type Edit, HAS_CHARTS, judgeCharts, replace, replaceAll, standing, WITHOUT_CHARTS } from './manifests.ts';

/** From a marker to the next document's end, with Windows line ends, quoted so that YAML keeps them. */
function withWindowsLines(text: string): string {
  const [, block = ''] = /helper\.conf: \|\n((?:(?: {4}.*)?\n)+)/.exec(text) ?? [];
  if (block === '') throw new Error('no helper.conf in the manifest');
  const content =
    `# written on Windows\n// spiffe-helper\n${block.replaceAll(/^ {4}/gm, '')}/* the end */\n`.replaceAll(
      '\n',
      '\r\n',
    );
  return text.replace(`|\n${block}`, () => `${JSON.stringify(content)}\n`);
}

/** The key behind the certificate in svid.pem, as HAProxy accepts it; the key file stays. */
function combined(text: string): string {
  const [key = ''] = / {4}-----BEGIN PRIVATE KEY-----\n[^-]*-----END PRIVATE KEY-----\n/.exec(text) ?? [];
  return replace('  svid.pem.key: |\n', `${key}  svid.pem.key: |\n`)(text);
}

/** All three containers that write or read the files become one user. */
const ENTERPRISE: readonly Edit[] = [
  replaceAll('runAsUser: 99\n', 'runAsUser: 1000\n'),
  replaceAll('runAsGroup: 99\n', 'runAsGroup: 1000\n'),
  replaceAll('fsGroup: 99\n', 'fsGroup: 1000\n'),
];

/** Moves the helper from the containers to the init containers that keep running. */
function asNativeSidecar(text: string): string {
  const [block = ''] =
    / {6}- args:\n {8}- -config\n[\s\S]*?name: spiffe-helper-config\n {10}readOnly: true\n/.exec(text) ?? [];
  if (block === '') throw new Error('no spiffe-helper in the manifest');
  const sidecar = block.replace(
    '        name: spiffe-helper\n',
    '        name: spiffe-helper\n        restartPolicy: Always\n',
  );
  return replace(
    '\n      securityContext:\n',
    `\n${sidecar}      securityContext:\n`,
    'name: create-spiffe-dir',
  )(text.replace(block, ''));
}

const VARIATIONS: Readonly<Record<string, readonly Edit[]>> = {
  'the alias api.sock': [replace('spire-agent.sock', 'api.sock')],
  'the alias socket': [replace('/spiffe-workload-api/spire-agent.sock', '/spiffe-workload-api/socket')],
  'a combined PEM beside the key file': [combined],
  'a combined PEM without the key file': [combined, cut('  svid.pem.key: |\n', '  bundle.pem: |\n')],
  'the output of the one-liner pasted into all three keys': [combined, combinedBundle],
  'renamed containers': [
    replace('- name: haproxy\n        securityContext', '- name: lb\n        securityContext'),
    replace('        name: spiffe-helper\n', '        name: identity\n'),
    replace('        name: cert-reloader\n', '        name: pusher\n'),
    replace('        name: create-spiffe-dir\n', '        name: prepare\n'),
    replace('- name: controller\n', '- name: main\n'),
  ],
  'the helper as a native sidecar': [asNativeSidecar],
  'Enterprise with every container at 1000': [
    ...ENTERPRISE,
    replace('image: haproxytech/haproxy-debian:3.2', 'image: hapee-registry.haproxy.com/haproxy-enterprise:3.2r1'),
  ],
  'CRLF and comments in helper.conf': [withWindowsLines],
  'another publisher of the helper': [
    replace(
      'ghcr.io/spiffe/spiffe-helper:0.11.0',
      'registry.redhat.io/zero-trust-workload-identity-manager/spiffe-helper-rhel9:v0.10.0',
    ),
  ],
  'a mirror with a port and a digest': [
    replace(
      'ghcr.io/spiffe/spiffe-helper:0.11.0',
      `mirror.example.net:5000/spiffe/spiffe-helper:0.11.0@sha256:${'ab'.repeat(32)}`,
    ),
  ],
  'a helper without probes and without a listener': [
    cut('        livenessProbe:\n', '        name: spiffe-helper\n', 'image: ghcr.io/spiffe/spiffe-helper:0.11.0'),
    cut('        readinessProbe:\n', '        resources:\n', '        name: spiffe-helper\n'),
    cut('    health_checks {\n', '---\n'),
  ],
  'objects in a List': [asList],
  'no user named anywhere but at the pod': [replaceAllIn('          runAsUser: 99\n', '')],
  'a DaemonSet instead of a Deployment': [
    replace(
      'kind: Deployment\nmetadata:\n  name: haptic-haproxy\n',
      'kind: DaemonSet\nmetadata:\n  name: haptic-haproxy\n',
    ),
  ],
  'labels as Argo CD rewrites them': [
    replaceAll('app.kubernetes.io/instance: haptic\n', 'app.kubernetes.io/instance: edge-prod\n'),
  ],
  'labels that only the HAProxy Deployment object has rewritten': [
    replace(
      '    app.kubernetes.io/instance: haptic\n',
      '    app.kubernetes.io/instance: argo-app\n',
      'kind: Deployment\nmetadata:\n  name: haptic-haproxy\n',
    ),
  ],
  'another name override': [replaceAll('app.kubernetes.io/name: haptic\n', 'app.kubernetes.io/name: edge\n')],
  'other names and paths': [
    replaceAll('/etc/haproxy/spiffe', '/etc/haproxy/identity'),
    replaceAll('svid.pem', 'client.pem'),
    replaceAll('bundle.pem', 'roots.pem'),
    replaceAll('helper.conf', 'spiffe.hcl'),
    replaceAll('/etc/spiffe-helper', '/etc/identity'),
    replaceAll('/spiffe-workload-api', '/run/workload-api'),
  ],
  'a HAProxy of another project beside it': [
    (text) =>
      `${text}---\n${JSON.stringify(deployment('web', 'other', { name: 'haproxy', image: 'haproxy:3.2', args: ['haproxy', '-W', '-f', '/etc/haproxy.cfg'] }))}\n`,
  ],
  'a second release that wants no identities': [
    (text) =>
      `${text}---\n${JSON.stringify(deployment('plain-haproxy', 'plain', { name: 'dataplane', image: 'haproxytech/haproxy-debian:3.2', command: ['sh', '-c'], args: ['exec /usr/local/bin/dataplaneapi'] }, { name: 'haproxy', image: 'haproxytech/haproxy-debian:3.2', command: ['sh', '-c'], args: ['exec haproxy -W -db -f /etc/haproxy/haproxy.cfg'] }))}\n`,
  ],
  'a placeholder from a Secret': [
    replace(
      '      - configMap:\n          name: haptic-spiffe-validation-certs\n',
      '      - secret:\n          secretName: haptic-spiffe-validation-certs\n',
    ),
    replace(
      'kind: ConfigMap\nmetadata:\n  name: haptic-spiffe-validation-certs\n',
      'kind: Secret\nmetadata:\n  name: haptic-spiffe-validation-certs\n',
    ),
    replace('data:\n  svid.pem', 'stringData:\n  svid.pem'),
  ],
};

function asList(text: string): string {
  const items = parseAllDocuments(text).map((document): unknown => document.toJS());
  return stringify({ apiVersion: 'v1', kind: 'List', items });
}

function deployment(name: string, namespace: string, ...containers: readonly object[]): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

function combinedBundle(text: string): string {
  const [key = ''] = / {4}-----BEGIN PRIVATE KEY-----\n[^-]*-----END PRIVATE KEY-----\n/.exec(text) ?? [];
  return replace('  bundle.pem: |\n', `  bundle.pem: |\n${key}`)(text);
}

function replaceAllIn(from: string, to: string): Edit {
  return (text) => {
    const start = text.indexOf('kind: Deployment\nmetadata:\n  name: haptic-haproxy\n');
    const end = text.indexOf('\n---\n', start);
    return text.slice(0, start) + replaceAll(from, to)(text.slice(start, end)) + text.slice(end);
  };
}

describe.skipIf(!HAS_CHARTS)(`the guide's charts in another healthy form stay silent${WITHOUT_CHARTS}`, () => {
  it.each(Object.entries(VARIATIONS))('%s', async (_name, edits) => {
    const report = await judgeCharts(edits);
    expect(standing(report)).toEqual([]);
    expect(report.results.filter(({ state }) => ['fail', 'warn', 'crashed', 'blocked'].includes(state))).toEqual([]);
  });
});
