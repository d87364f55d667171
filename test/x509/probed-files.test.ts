import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { API_VERSION, type CollectedProbe, type ProbeAnswer, type Snapshot } from '../../src/evidence/snapshot.ts';
import { World } from '../../src/evidence/world.ts';
import { ProbedFiles } from '../../src/evidence/x509/probed-files.ts';
import { mintCa } from '../scenario/certificates.ts';

const AT = '2026-11-22T03:00:00Z';
const NOW = Date.parse(AT);
const HOUR = 3_600_000;
const paths = { directory: '/d', svid: '/d/svid.pem', key: '/d/svid.pem.key', bundle: '/d/bundle.pem' };

const ca = await mintCa({ subject: 'CN=root', notBefore: NOW - HOUR, notAfter: NOW + 20 * HOUR });
const svid = await ca.issue({ uris: ['spiffe://prod.example.com/a'], notBefore: NOW - HOUR / 3, notAfter: NOW + HOUR });

const ANSWERS: readonly ProbeAnswer[] = [
  { id: 'clock', argument: '', status: 0, text: `${NOW / 1000 + 2}\n` },
  { id: 'whoami', argument: '', status: 0, text: '99\n98\n98 1000\n' },
  { id: 'stat', argument: '/d', status: 0, text: `directory|99|99|2755|60|${NOW / 1000 - 60}\n` },
  { id: 'stat', argument: '/d/svid.pem', status: 0, text: `regular file|99|98|640|700|${NOW / 1000 - 1200}\n` },
  { id: 'stat', argument: '/d/svid.pem.key', status: 0, text: `regular file|99|98|600|241|${NOW / 1000 - 1200}\n` },
  { id: 'stat', argument: '/d/bundle.pem', status: 0, text: `regular empty file|99|98|644|0|${NOW / 1000 - 1200}\n` },
  { id: 'readable', argument: '/d/svid.pem', status: 0, text: '' },
  { id: 'readable', argument: '/d/svid.pem.key', status: 1, text: '' },
  { id: 'readable', argument: '/d/bundle.pem', status: 0, text: '' },
  {
    id: 'blocks',
    argument: '/d/svid.pem',
    status: 0,
    text: '1:-----BEGIN CERTIFICATE-----\n14:-----BEGIN PRIVATE KEY-----\n',
  },
  { id: 'blocks', argument: '/d/bundle.pem', status: 0, text: '' },
  {
    id: 'certificates',
    argument: '/d/svid.pem',
    status: 0,
    text: `${svid.certificatePem}-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n`,
  },
  { id: 'certificates', argument: '/d/bundle.pem', status: 0, text: '' },
  { id: 'public-key', argument: '/d/svid.pem.key', status: 0, text: svid.spkiPem },
];

function read(answers: readonly ProbeAnswer[], complete = true) {
  const snapshot: Snapshot = {
    apiVersion: API_VERSION,
    kind: 'Snapshot',
    tool: { name: 'test', version: '0' },
    observedAt: AT,
    source: { kind: 'live' },
    objects: [],
    coverage: [],
    logs: [],
    probes: [],
    notCollected: [],
    redactions: [],
    requests: { list: 0, exec: 0, log: 0, other: 0 },
    notes: [],
  };
  const probe: CollectedProbe = { namespace: 'haptic', pod: 'p', container: 'haproxy', at: AT, answers, complete };
  return new ProbedFiles(new World(snapshot), probe, { field: 'probe' }).read(paths);
}

function replace(id: string, argument: string, change: Partial<ProbeAnswer>): readonly ProbeAnswer[] {
  return ANSWERS.map((answer) =>
    answer.id === id && answer.argument === argument ? { ...answer, ...change } : answer,
  );
}

describe('the files of an SVID', () => {
  it('are read from what the probe answered', () => {
    expect(read(ANSWERS)).toMatchObject({
      state: 'known',
      value: {
        podNow: NOW + 2000,
        at: NOW,
        reader: { uid: 99, gid: 98, groups: [98, 1000] },
        directory: { state: 'known', value: { type: 'directory', mode: 0o2755, mtime: NOW - 60_000 } },
        svid: {
          state: 'known',
          value: {
            readable: true,
            stat: { uid: 99, gid: 98, mode: 0o640, size: 700 },
            certificates: [{ sha1: svid.certificate.sha1 }],
            otherBlocks: ['PRIVATE KEY'],
            broken: ['certificate 2: not an X.509 certificate'],
          },
        },
        key: {
          state: 'known',
          value: { readable: false, spkiSha256: { state: 'known', value: svid.certificate.spkiSha256 } },
        },
        bundle: { state: 'known', value: { certificates: [], stat: { type: 'file', size: 0 } } },
      },
    });
  });

  it('are absent when stat says so, and unknown when it says anything else', () => {
    const gone = read(
      replace('stat', '/d/bundle.pem', {
        status: 1,
        text: "stat: can't stat '/d/bundle.pem': No such file or directory\n",
      }),
    );
    expect(gone).toMatchObject({ value: { bundle: { state: 'absent', missing: 'file' } } });
    const shut = read(
      replace('stat', '/d/bundle.pem', { status: 1, text: "stat: cannot statx '/d/bundle.pem': Permission denied\n" }),
    );
    expect(shut).toMatchObject({
      value: { bundle: { state: 'unknown', why: 'unreadable', detail: expect.stringContaining('Permission denied') } },
    });
  });

  it('are unknown from where the answers were cut off', () => {
    const cut = read(ANSWERS.slice(0, 8), false);
    expect(cut).toMatchObject({
      value: {
        svid: { state: 'unknown', why: 'truncated' },
        key: { state: 'known', value: { spkiSha256: { why: 'truncated' } } },
      },
    });
    expect(read([], false)).toMatchObject({ state: 'unknown', why: 'truncated' });
  });

  it.each([
    ['truncated', 'certificates', 200, ''],
    ['truncated', 'blocks', 200, ''],
    ['no-answer', 'certificates', 127, 'head: not found\n'],
    ['no-answer', 'blocks', 1, 'not a readable file\n'],
  ])('are unknown, %s, where a filter did not end well: %s, status %i', (why, id, status, text) => {
    expect(read(replace(id, '/d/svid.pem', { status, text }))).toMatchObject({
      value: { svid: { state: 'unknown', why }, bundle: { state: 'known' } },
    });
  });

  it('are unknown with more certificates than are looked at', () => {
    const many = (count: number) =>
      read(replace('certificates', '/d/svid.pem', { status: 0, text: svid.certificatePem.repeat(count) }));
    expect(many(300)).toMatchObject({ value: { svid: { state: 'known' } } });
    expect(many(301)).toMatchObject({ value: { svid: { state: 'unknown', why: 'truncated' } } });
  });

  it('leave the key\u2019s public half unknown without openssl', () => {
    const without = read(replace('public-key', '/d/svid.pem.key', { status: 127, text: 'openssl: not found\n' }));
    expect(without).toMatchObject({
      value: {
        key: { value: { spkiSha256: { state: 'unknown', detail: expect.stringContaining('openssl: not found') } } },
      },
    });
  });

  it('take a private key for no public half', () => {
    expect(read(replace('public-key', '/d/svid.pem.key', { text: svid.privateKeyPem }))).toMatchObject({
      value: { key: { value: { spkiSha256: { state: 'unknown' } } } },
    });
  });

  it('never throw, whatever the pod answers', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('regular file|1|2|9|x|0', `|${'9'.repeat(40)}|||`, svid.certificatePem, '1:-----BEGIN X-----'),
    );
    const position = fc.nat(ANSWERS.length - 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(position, word, fc.nat(2)), { maxLength: 6 }), (changes) => {
        const answers = [...ANSWERS];
        for (const [at, text, status] of changes) {
          const before = answers[at];
          if (before) answers[at] = { ...before, text, status };
        }
        expect(['known', 'unknown']).toContain(read(answers).state);
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });
});
