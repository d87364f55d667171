import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CannotRun } from '../../src/doctor/cannot-run.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { readSnapshot, writeSnapshot } from '../../src/sources/snapshot/index.ts';

const AT = '2026-11-22T03:00:00Z';

const snapshot: Snapshot = {
  apiVersion: 'haptic-spire.dev/v1',
  kind: 'Snapshot',
  tool: { name: 'kubectl-haptic_spire', version: '0.1.0' },
  observedAt: AT,
  source: { kind: 'live', context: 'prod', server: 'https://192.0.2.1', serverVersion: 'v1.34.2', interrupted: true },
  objects: [
    {
      object: { kind: 'Pod', metadata: { name: 'a', labels: { __proto__x: '1' } } },
      at: AT,
      file: 'a.yaml',
      lines: { '': 1, 'metadata.name': 3 },
    },
  ],
  coverage: [{ kind: 'Pod' }, { kind: 'ConfigMap', namespace: 'haptic', name: 'c' }],
  logs: [{ namespace: 'haptic', pod: 'a', container: 'c', previous: false, at: AT, text: 'line\n', truncated: true }],
  probes: [
    {
      namespace: 'haptic',
      pod: 'a',
      container: 'haproxy',
      at: AT,
      answers: [{ id: 'clock', argument: '', status: 0, text: '1' }],
      complete: false,
    },
  ],
  notCollected: [
    {
      target: { what: 'objects', kind: 'CSINode' },
      why: 'forbidden',
      detail: 'no',
      rule: { verb: 'list', group: 'storage.k8s.io', resource: 'csinodes' },
    },
    { target: { what: 'log', namespace: 'n', pod: 'p', container: 'c', previous: true }, why: 'timeout', detail: '' },
    { target: { what: 'probe', namespace: 'n', pod: 'p' }, why: 'no-shell', detail: '' },
  ],
  redactions: [{ object: { kind: 'ConfigMap', namespace: 'haptic', name: 'c' }, field: 'data', reason: 'private-key' }],
  requests: { list: 1, exec: 2, log: 3, other: 4 },
  notes: ['n'],
};

function refusal(bytes: Uint8Array): string {
  try {
    readSnapshot(bytes, 'x.json.gz');
  } catch (error) {
    expect(error).toBeInstanceOf(CannotRun);
    const { message } = error as CannotRun;
    expect(message).toMatch(/^x\.json\.gz /);
    expect(message).not.toContain('\n');
    return message;
  }
  return 'none';
}

const pack = (value: unknown): Uint8Array => gzipSync(JSON.stringify(value));

describe('a snapshot file', () => {
  it('gives back what was written, compressed or not', () => {
    expect(readSnapshot(writeSnapshot(snapshot), 'f')).toEqual(snapshot);
    expect(readSnapshot(gunzipSync(writeSnapshot(snapshot)), 'f')).toEqual(snapshot);
  });

  it('gives back any JSON in its objects', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), fc.string(), (body, text) => {
        const object = JSON.parse(JSON.stringify({ ...body, kind: 'X' }));
        const written = { ...snapshot, objects: [{ object, at: AT }], notes: [text] };
        expect(readSnapshot(writeSnapshot(written), 'f')).toEqual(written);
      }),
    );
  });

  it('that is something else is refused with one line that says what', () => {
    expect(refusal(new Uint8Array())).toBe('x.json.gz is empty');
    expect(refusal(writeSnapshot(snapshot).subarray(0, 200))).toMatch(/is cut off/);
    expect(refusal(gunzipSync(writeSnapshot(snapshot)).subarray(0, 200))).toMatch(
      /is cut off in the middle of its JSON/,
    );
    expect(refusal(new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]))).toMatch(/is damaged/);
    expect(refusal(new TextEncoder().encode('apiVersion: v1\nkind: Pod\n'))).toMatch(/manifests are read with -f/);
    expect(refusal(new Uint8Array([0xff, 0xfe, 0xfd]))).toMatch(/neither gzip nor JSON/);
    expect(refusal(pack({ apiVersion: 'v1', kind: 'Pod' }))).toMatch(/is not a snapshot/);
    expect(refusal(pack([]))).toMatch(/is not a snapshot/);
    expect(refusal(pack({ kind: 'DoctorReport' }))).toMatch(/is a report/);
    expect(refusal(pack({ ...snapshot, apiVersion: 'haptic-spire.dev/v2\u001b[31m' }))).toMatch(
      /of another version \(haptic-spire\.dev\/v2\?\[31m; .*collect again/,
    );
  });

  it('that unpacks to hundreds of megabytes is refused', () => {
    expect(refusal(gzipSync(Buffer.alloc(257 * 1024 * 1024, 32)))).toMatch(/is larger than 256 MiB/);
  });

  it.each([
    ['observedAt', { observedAt: 'yesterday' }, 'observedAt is not a time'],
    ['objects', { objects: {} }, 'objects is not a list'],
    ['an object', { objects: [{ object: [], at: AT }] }, 'objects[0].object is not an object'],
    ["an object's kind", { objects: [{ object: {}, at: AT }] }, 'objects[0].object.kind is not a string'],
    [
      'a line',
      { objects: [{ object: { kind: 'X' }, at: AT, lines: { a: '1' } }] },
      'objects[0].lines.a is not a number',
    ],
    [
      'an answer',
      { probes: [{ ...snapshot.probes[0], answers: [{ id: 1 }] }] },
      'probes[0].answers[0].id is not a string',
    ],
    [
      'a target',
      { notCollected: [{ target: { what: 'x' }, why: 'timeout', detail: '' }] },
      'notCollected[0].target.what is none of objects, log, probe',
    ],
    ['the source', { source: { kind: 'hearsay' } }, 'source.kind is none of live, manifests, demo'],
    ['requests', { requests: { list: null } }, 'requests.list is not a number'],
  ])('is refused when %s is wrong', (_, change, says) => {
    expect(refusal(pack({ ...snapshot, ...change }))).toBe(`x.json.gz is not a valid snapshot: ${says}`);
  });

  it('that is nested beyond reason is refused', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const text = JSON.stringify({ ...snapshot, objects: [{ object: { kind: 'X', a: 'DEEP' }, at: AT }] }).replace(
      '"DEEP"',
      deep,
    );
    expect(refusal(new TextEncoder().encode(text))).toMatch(/nested too deeply/);
  });

  it('reads a reason that a newer release invented as something that was not seen', () => {
    const written = {
      ...snapshot,
      notCollected: [{ target: { what: 'probe', namespace: 'n', pod: 'p' }, why: 'solar-flare', detail: 'd' }],
    };
    expect(readSnapshot(pack(written), 'f').notCollected[0]?.why).toBe('no-evidence');
  });
});
