import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CannotRun } from '../../src/doctor/cannot-run.ts';
import { nameOf, namespaceOf } from '../../src/evidence/world.ts';
import {
  fileSystem,
  type ManifestsIo,
  type ManifestsRequest,
  readManifests,
} from '../../src/sources/manifests/index.ts';
import { parseManifest } from '../../src/sources/manifests/parse-manifest.ts';
import { memoryIo } from './memory-io.ts';

const FIXTURES = new URL('../../../shared/fixtures/manifests/', import.meta.url).pathname;

function read(files: readonly string[], io: ManifestsIo, more: Partial<ManifestsRequest> = {}) {
  const tool = { name: 'test', version: '0' };
  return readManifests(
    { files, recursive: false, complete: false, now: Date.parse('2026-11-22T03:00:00Z'), tool, ...more },
    io,
  );
}

async function refusal(files: readonly string[], io: ManifestsIo): Promise<string> {
  const error: unknown = await read(files, io).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CannotRun);
  const { message } = error as CannotRun;
  expect(message).not.toContain('\n');
  return message;
}

const service = (name: string, more = '') => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${more}`;

describe('manifests', () => {
  it('are read from files, folders and standard input, in that order', async () => {
    const io = memoryIo(
      {
        'a.yaml': service('a'),
        'd/z.yml': service('z'),
        'd/b.json': '{"kind":"Service","metadata":{"name":"b"}}',
        'd/note.txt': 'x',
        'd/deep/c.yaml': service('c'),
      },
      service('in'),
    );
    const names = async (recursive: boolean) =>
      (await read(['a.yaml', 'd', '-'], io, { recursive })).objects.map(({ object }) => nameOf(object));
    expect(await names(false)).toEqual(['a', 'b', 'z', 'in']);
    expect(await names(true)).toEqual(['a', 'b', 'c', 'z', 'in']);
  });

  it('know the line of every field, of list items, and of the first line inside a block of text', () => {
    const text = `# comment\n---\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  helper.conf: |\n    cert_dir = "/x"\n  plain: word\nlist:\n- a: 1\n  b: >-\n    folded\n- {c: 2}\n`;
    expect(parseManifest('f', text)[0]?.lines).toEqual({
      '': 3,
      kind: 3,
      metadata: 4,
      'metadata.name': 4,
      data: 5,
      'data["helper.conf"]': 7,
      'data.plain': 8,
      list: 9,
      'list[0]': 10,
      'list[0].a': 10,
      'list[0].b': 12,
      'list[1]': 13,
      'list[1].c': 13,
    });
  });

  it('take lists apart, whose items may leave out their kind', () => {
    const text =
      'apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: a}\n- kind: Pod\n  metadata: {name: b}\n';
    expect(
      parseManifest('f', text).map(({ object, lines }) => [object.kind, object.apiVersion, lines['metadata.name']]),
    ).toEqual([
      ['Service', 'v1', 4],
      ['Pod', undefined, 6],
    ]);
  });

  it('mean what they mean to kubectl: octal modes, YAML 1.1 switches, no dates and no base 60', () => {
    const text = 'kind: X\na: 0400\nb: yes\nc: 12:30\nd: 2026-11-22\ne: &x [1]\nf: *x\n';
    expect(parseManifest('f', text)[0]?.object).toEqual({
      kind: 'X',
      a: 0o400,
      b: true,
      c: '12:30',
      d: '2026-11-22',
      e: [1],
      f: [1],
    });
  });

  it('get the namespace given, else that of their release, else default; what has no namespace gets none', async () => {
    const labelled = (name: string, namespace: string) =>
      service(name, `  labels: {app.kubernetes.io/instance: r}\n${namespace}`);
    const io = memoryIo({
      'a.yaml': [
        labelled('a', '  namespace: haptic'),
        labelled('b', ''),
        service('c'),
        'kind: CSIDriver\nmetadata: {name: d}',
      ].join('\n---\n'),
    });
    const namespaces = async (namespace?: string) =>
      (await read(['a.yaml'], io, namespace === undefined ? {} : { namespace })).objects.map(({ object }) =>
        namespaceOf(object),
      );
    expect(await namespaces()).toEqual(['haptic', 'haptic', 'default', undefined]);
    expect(await namespaces('given')).toEqual(['haptic', 'given', 'given', undefined]);
  });

  it('are in the end what was applied last', async () => {
    const io = memoryIo({
      'a.yaml': `${service('a', 'spec: {type: NodePort}')}\n---\n${service('a', 'spec: {type: ClusterIP}')}`,
    });
    expect((await read(['a.yaml'], io)).objects.map(({ object }) => object.spec)).toEqual([{ type: 'ClusterIP' }]);
  });

  it('that cannot be read end in one line that names the place', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const bytes = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0]);
    const files = {
      'empty.yaml': ' \n',
      'denied.yaml': denied,
      'elf.yaml': bytes,
      'latin.yaml': new Uint8Array([0x61, 0xff]),
      'snap.json': gzipSync('{}'),
      'broken.yaml': 'kind: Service\nmetadata:\n  name: "a\n- b\n',
      'twice.yaml': 'kind: Service\nmetadata: {}\nkind: Pod\n',
      'template.yaml': 'kind: Service\nmetadata: {{ .Values.x }}\n  a: b\n',
      'values.yaml': '\nreplicas: 2\n',
      'text.yaml': 'hello\n',
      'comment.yaml': '# only a comment\n---\n',
      'alias.yaml': `kind: X\na: &a [${'x,'.repeat(20)}]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\nd: [${'*c,'.repeat(20)}]\n`,
      'deep.yaml': `kind: X\na: ${'['.repeat(100_000)}`,
      'none/readme.md': '',
      'nested/deep/a.yaml': service('a'),
    };
    const io = memoryIo(files);
    expect(await refusal(['missing.yaml'], io)).toBe('missing.yaml: no such file or folder');
    expect(await refusal(['denied.yaml'], io)).toMatch(/^denied\.yaml: permission denied/);
    expect(await refusal(['empty.yaml'], io)).toBe('empty.yaml is empty');
    expect(await refusal(['-'], io)).toMatch(/^standard input is empty; did the command before the pipe fail/);
    expect(await refusal(['elf.yaml'], io)).toMatch(/^elf\.yaml is not a text file \(byte 5 is 0\)/);
    expect(await refusal(['latin.yaml'], io)).toMatch(/^latin\.yaml is not UTF-8/);
    expect(await refusal(['snap.json'], io)).toMatch(/^snap\.json is compressed.*--snapshot/);
    expect(await refusal(['broken.yaml'], io)).toMatch(/^broken\.yaml:\d+:\d+: /);
    expect(await refusal(['twice.yaml'], io)).toBe('twice.yaml:3:1: Map keys must be unique');
    expect(await refusal(['template.yaml'], io)).toMatch(/^template\.yaml:\d+:\d+: .*helm template/);
    expect(await refusal(['values.yaml'], io)).toMatch(/^values\.yaml:2: not a Kubernetes object: it has no kind/);
    expect(await refusal(['text.yaml'], io)).toBe('text.yaml:1: not a Kubernetes object');
    expect(await refusal(['comment.yaml'], io)).toBe('comment.yaml: no Kubernetes object in it');
    expect(await refusal(['alias.yaml'], io)).toMatch(/^alias\.yaml:1: Excessive alias count/);
    expect(await refusal(['deep.yaml'], io)).toMatch(/^deep\.yaml/);
    expect(await refusal(['none'], io)).toBe('none holds no *.yaml, *.yml or *.json file');
    expect(await refusal(['nested'], io)).toMatch(/; -R looks into its folders too$/);
  });

  it('of any content are objects or one line', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'kind: List\n',
        'items:\n',
        '- ',
        '---\n',
        '&a ',
        '*a',
        '{',
        ']',
        ': ',
        '|\n  ',
        '__proto__: ',
        '<<: ',
        '? ',
        '!!set ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (parts) => {
        try {
          for (const { object, lines } of parseManifest('f', parts.join(''))) {
            expect(typeof object.kind).toBe('string');
            expect(Object.values(lines).every((line) => line >= 1)).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CannotRun);
          expect((error as CannotRun).message).not.toContain('\n');
        }
      }),
    );
  });
});

describe.skipIf(!existsSync(FIXTURES))('rendered charts (skipped where ../shared/fixtures is missing)', () => {
  it('keep what facts read, and nothing of the placeholder key', async () => {
    const io = fileSystem(async () => new Uint8Array());
    const { objects, redactions } = await read([FIXTURES], io);
    const kinds = new Set(objects.map(({ object }) => object.kind));
    for (const kind of [
      'Deployment',
      'DaemonSet',
      'ConfigMap',
      'HAProxyTemplateConfig',
      'ClusterSPIFFEID',
      'CSIDriver',
    ])
      expect(kinds).toContain(kind);
    const text = JSON.stringify(objects);
    for (const fact of [
      'spire-agent.sock',
      'cert_dir = \\"/etc/haproxy/spiffe\\"',
      'ensure-alternate-names',
      'show ssl cert $CERT',
      'sni str(',
      'watchClassless',
    ]) {
      expect(text).toContain(fact);
    }
    expect(text).not.toMatch(/PRIVATE KEY|dataplane_password":"[^"]/);
    expect(redactions).toContainEqual({
      object: { kind: 'ConfigMap', namespace: 'haptic', name: 'haptic-spiffe-validation-certs' },
      field: 'data["svid.pem.key"]',
      reason: 'private-key',
    });
  });
});
