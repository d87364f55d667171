import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import socketName from '../../checks/csi-socket-name/check.ts';
import ownership from '../../checks/file-ownership/check.ts';
import imageTag from '../../checks/helper-image-tag/check.ts';
import spiffeDir from '../../checks/spiffe-dir/check.ts';
import { readManifests } from '../../src/sources/manifests/read-manifests.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { type EditableObject, readField, writeField } from '../scenario/field-edit.ts';

const MANIFESTS = new URL('../../../shared/fixtures/manifests/', import.meta.url);
const missing = !existsSync(MANIFESTS);
const CHECKS = [imageTag, socketName, spiffeDir, ownership].map((check) => ({ ...check, after: [] }));
const POD = 'spec.template.spec';

type Objects = readonly EditableObject[];
type Edit = (objects: Objects) => void;

function load(): Objects {
  return ['haptic-guide.yaml', 'spire-chart.yaml'].flatMap((name) =>
    parseAllDocuments(readFileSync(new URL(name, MANIFESTS), 'utf8')).flatMap((document) => {
      const object: unknown = document.toJS();
      return object === null ? [] : [object as EditableObject];
    }),
  );
}

async function findings(...edits: readonly Edit[]): Promise<readonly string[]> {
  const objects = load();
  for (const edit of edits) edit(objects);
  const text = objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
  const io = {
    read: async () => new TextEncoder().encode(text),
    list: async () => undefined,
    stdin: async () => new Uint8Array(),
  };
  const request = {
    files: ['all.yaml'],
    recursive: false,
    complete: true,
    now: Date.parse('2026-11-22T03:00:00Z'),
    tool: { name: 'test', version: '0' },
  };
  const report = judgeSnapshot(await readManifests(request, io), CHECKS);
  const unsure = report.results
    .filter(({ state }) => !['ok', 'warn', 'fail'].includes(state))
    .map(({ check, state }) => `${check} is ${state}`);
  return [
    ...report.results.flatMap(({ check, findings: found }) => found.map(({ message }) => `${check}/${message}`)),
    ...unsure,
  ].toSorted();
}

const named = (objects: Objects, kind: string, name: string) => {
  const found = objects.find((object) => object.kind === kind && readField(object, 'metadata.name') === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const haproxy =
  (at: string, to?: Parameters<typeof writeField>[2]): Edit =>
  (objects) =>
    writeField(named(objects, 'Deployment', 'haptic-haproxy'), `${POD}.${at}`, to);
const conf =
  (change: (text: string) => string): Edit =>
  (objects) => {
    const configMap = named(objects, 'ConfigMap', 'haptic-spiffe-helper-config');
    const before = String(readField(configMap, 'data["helper.conf"]'));
    const after = change(before);
    if (after === before) throw new Error('helper.conf did not change');
    writeField(configMap, 'data["helper.conf"]', after);
  };

describe.skipIf(missing)(`the rendered charts${missing ? ' (skipped: ../shared is not there)' : ''}`, () => {
  it('are in order as they are', async () => {
    expect(await findings()).toEqual([]);
  });

  it.each<readonly [string, readonly Edit[]]>([
    ['the alias api.sock', [conf((text) => text.replace('spire-agent.sock', 'api.sock'))]],
    ['the alias socket', [conf((text) => text.replace('spire-agent.sock', 'socket'))]],
    ['CRLF and comments in helper.conf', [conf((text) => `# written by hand\n${text}`.replaceAll('\n', '\r\n'))]],
    [
      'renamed containers',
      [
        haproxy('containers[0].name', 'lb'),
        haproxy('containers[2].name', 'identity'),
        haproxy('containers[3].name', 'pusher'),
      ],
    ],
    [
      'everything at 1000, as Enterprise has it',
      [
        haproxy('securityContext', { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, runAsNonRoot: true }),
        ...['initContainers[0]', 'containers[0]', 'containers[1]', 'containers[2]', 'containers[3]'].map((path) =>
          haproxy(`${path}.securityContext.runAsUser`, 1000),
        ),
      ],
    ],
    [
      'the helper as a native sidecar',
      [
        (objects) => {
          const deployment = named(objects, 'Deployment', 'haptic-haproxy');
          const helper = structuredClone(readField(deployment, `${POD}.containers[2]`)) as EditableObject;
          writeField(deployment, `${POD}.initContainers[1]`, { ...helper, restartPolicy: 'Always' });
          writeField(deployment, `${POD}.containers[2]`, undefined);
        },
      ],
    ],
  ])('stay in order with %s', async (_name, edits) => {
    expect(await findings(...edits)).toEqual([]);
  });

  it.each<readonly [string, readonly Edit[], readonly string[]]>([
    [
      'a socket that is not served',
      [conf((text) => text.replace('spire-agent.sock', 'agent.sock'))],
      ['csi-socket-name/wrong-name'],
    ],
    [
      'a tag with v',
      [haproxy('containers[2].image', 'ghcr.io/spiffe/spiffe-helper:v0.11.0')],
      ['helper-image-tag/v-prefix'],
    ],
    ['no init container', [haproxy('initContainers')], ['spiffe-dir/missing']],
    [
      'the helper as another user',
      [haproxy('containers[2].securityContext.runAsUser', 1001)],
      ['file-ownership/helper-user-differs'],
    ],
    [
      'a CSI volume that is not read-only',
      [haproxy('volumes[4].csi.readOnly', false)],
      ['csi-socket-name/not-read-only'],
    ],
    [
      'Enterprise with sidecars left at 99',
      [
        haproxy('securityContext', { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, runAsNonRoot: true }),
        haproxy('containers[0].securityContext.runAsUser', 1000),
      ],
      ['file-ownership/enterprise-user'],
    ],
    [
      'an agent of the quickstart, which serves agent.sock',
      [
        (objects) =>
          writeField(
            named(objects, 'ConfigMap', 'spire-agent'),
            'data["agent.conf"]',
            'agent {\n  socket_path = "/tmp/spire-agent/public/agent.sock"\n  trust_domain = "prod.example.com"\n}\n',
          ),
        (objects) => writeField(named(objects, 'DaemonSet', 'spire-agent'), `${POD}.initContainers`, undefined),
      ],
      ['csi-socket-name/wrong-name'],
    ],
  ])('show %s as exactly that', async (_name, edits, expected) => {
    expect(await findings(...edits)).toEqual(expected);
  });
});
