import { beforeAll, describe, expect, test } from 'vitest';
import type { HaproxyMemory } from '../../src/evidence/facts/haproxy-memory.ts';
import { readMemory } from '../../src/evidence/haproxy/memory.ts';
import type { ProbeAnswer } from '../../src/evidence/snapshot.ts';
import { type Issued, mintCa, type TestCa } from '../scenario/certificates.ts';
import { type FakeMemory, renderProbe } from '../scenario/probe-output.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const PATHS = {
  socket: '/etc/haproxy/haproxy-master.sock',
  directory: '/etc/haproxy/spiffe',
  svid: '/etc/haproxy/spiffe/svid.pem',
  key: '/etc/haproxy/spiffe/svid.pem.key',
  bundle: '/etc/haproxy/spiffe/bundle.pem',
};
let ca: TestCa;
let svid: Issued;
let next: Issued;

beforeAll(async () => {
  ca = await mintCa({
    subject: 'CN=prod.example.com, O=SPIFFE',
    notBefore: NOW - 86_400_000,
    notAfter: NOW + 86_400_000,
  });
  const leaf = {
    uris: ['spiffe://prod.example.com/ns/haptic/sa/haptic-haproxy'],
    dnsNames: ['haptic-haproxy', 'haptic-haproxy.haptic.svc'],
  };
  svid = await ca.issue({ ...leaf, notBefore: NOW - 1_200_000, notAfter: NOW + 2_400_000 });
  next = await ca.issue({ ...leaf, notBefore: NOW - 60_000, notAfter: NOW + 3_540_000 });
});

function answersFor(memory: FakeMemory | undefined): ProbeAnswer[] {
  return renderProbe({
    podNow: NOW,
    uid: 99,
    gid: 99,
    paths: PATHS,
    disk: { key: 'present' },
    ...(memory ? { memory } : {}),
  });
}

function read(answers: readonly ProbeAnswer[], complete = true): HaproxyMemory {
  const probe = {
    namespace: 'haptic',
    pod: 'haptic-haproxy-0',
    container: 'haproxy',
    at: '2026-11-22T03:00:00Z',
    answers,
    complete,
  };
  const memory = readMemory(probe, {
    object: { kind: 'Pod', namespace: 'haptic', name: 'haptic-haproxy-0' },
    field: 'probe',
  });
  if (memory.state !== 'known') throw new Error(`memory is ${memory.state}`);
  return memory.value;
}

function healthy(): FakeMemory {
  return {
    version: '3.2.26-1',
    svid: { certificate: svid.certificate },
    bundle: { certificates: [ca.certificate] },
    servers: [{ backend: 'shop_api', server: 'SRV_1', failedHandshakes: 3 }],
  };
}

describe('what the fact says', () => {
  test('a loaded SVID has the fingerprint, serial and dates of the certificate, and the question that showed it', () => {
    const { svid: loaded, bundle, version, processes, worker, servers } = read(answersFor(healthy()));
    const { sha1, notBefore, notAfter, dnsNames } = svid.certificate;
    expect(loaded).toMatchObject({
      state: 'known',
      value: { name: PATHS.svid, status: 'Used', sha1, notBefore, notAfter, dnsNames },
      from: { field: `@1 show ssl cert ${PATHS.svid}` },
    });
    expect(bundle).toMatchObject({ state: 'known', value: { certificates: [{ sha1: ca.certificate.sha1 }] } });
    expect(version).toMatchObject({ value: '3.2.26-1' });
    expect(processes).toMatchObject({ value: { workers: [{ pid: 8 }], failedReloads: 0 } });
    expect(worker).toMatchObject({ value: { via: '@1', pid: 8, stopping: false, silent: [] } });
    expect(servers).toMatchObject({
      value: [{ backend: 'shop_api', failedHandshakes: 3, lastCheck: 'Layer6 check passed' }],
    });
  });

  test('a certificate that no server line loads is absent, not unknown', () => {
    const { svid: loaded } = read(answersFor({ version: '3.2.26-1' }));
    expect(loaded).toMatchObject({ state: 'absent', what: `${PATHS.svid} in HAProxy's memory` });
  });

  test('a certificate loaded by another spelling of the path is found under its own name', () => {
    const name = '/etc/haproxy/spiffe/../spiffe/svid.pem';
    const { svid: loaded } = read(answersFor({ ...healthy(), svid: { name, certificate: svid.certificate } }));
    expect(loaded).toMatchObject({ state: 'known', value: { name } });
  });

  test('a file of the same name in another directory is not the SVID', () => {
    const { svid: loaded, certificates } = read(
      answersFor({ ...healthy(), svid: { name: '/other/svid.pem', certificate: svid.certificate } }),
    );
    expect(loaded.state).toBe('absent');
    expect(certificates).toMatchObject({ value: { names: ['/other/svid.pem'] } });
  });

  test('an open transaction shows what would be committed beside what is in force', () => {
    const memory = read(
      answersFor({ ...healthy(), transaction: { certificate: next.certificate }, caTransaction: { certificates: [] } }),
    );
    expect(memory.certificates).toMatchObject({ value: { transaction: PATHS.svid } });
    expect(memory.svid).toMatchObject({ value: { sha1: svid.certificate.sha1 } });
    expect(memory.pending).toMatchObject({ value: { status: 'Uncommitted', sha1: next.certificate.sha1 } });
    expect(memory.caTransaction).toBe(PATHS.bundle);
  });

  test('a bundle that shows fewer certificates than its list has is unknown: a name in it may look like its end', () => {
    const listed = `# filename\n${PATHS.bundle} - 2 certificate(s)\n\n`;
    const answers = answersFor(healthy()).map((answer) =>
      answer.argument === '@1 show ssl ca-file' ? { ...answer, text: listed } : answer,
    );
    expect(read(answers).bundle).toMatchObject({
      state: 'unknown',
      why: 'unreadable',
      detail: `HAProxy lists 2 certificates in ${PATHS.bundle}, and shows 1`,
    });
  });

  test('a transaction that is over when it is looked into is none', () => {
    const open = { transaction: { certificate: next.certificate }, caTransaction: { certificates: [] } };
    const answers = answersFor({ ...healthy(), ...open }).map((answer) =>
      answer.argument.startsWith('@1 show ssl cert *')
        ? { ...answer, text: "Can't display the certificate: Not found or the certificate is a bundle!\n\n" }
        : answer.argument.startsWith('@1 show ssl ca-file *')
          ? { ...answer, text: "Can't display the CA file : Not found!\n\n" }
          : answer,
    );
    const memory = read(answers);
    expect(memory.certificates).toMatchObject({ state: 'known', value: { names: [PATHS.svid] } });
    expect(memory.certificates).not.toHaveProperty('value.transaction');
    expect(memory.caTransaction).toBeUndefined();
  });

  test('without a transaction nothing is pending', () => {
    expect(read(answersFor(healthy())).pending).toMatchObject({ state: 'absent' });
  });

  test('alerts of the last failed reload are kept', () => {
    const startupLogs = {
      master: [
        "[ALERT]    (9) : config : [haproxy.cfg:9] : 'server a/b' : cannot open the file 'x'.",
        '[NOTICE]   (9) : hm',
      ],
    };
    expect(read(answersFor({ ...healthy(), startupLogs })).startupLogs).toMatchObject({
      value: ["config : [haproxy.cfg:9] : 'server a/b' : cannot open the file 'x'."],
    });
  });
});

describe('what the fact does not say', () => {
  test('a silent worker leaves everything about memory unknown, and the master’s answers known', () => {
    const memory = read(answersFor({ ...healthy(), workerSilent: true }));
    for (const reading of [memory.svid, memory.bundle, memory.certificates, memory.servers, memory.worker]) {
      expect(reading).toMatchObject({ state: 'unknown', why: 'no-answer' });
    }
    expect(memory.processes.state).toBe('known');
  });

  test('a socket that nobody serves is no answer, with socat’s reason', () => {
    const memory = read(answersFor(undefined));
    expect(memory.svid).toMatchObject({
      state: 'unknown',
      why: 'no-answer',
      detail: expect.stringContaining('No such file or directory'),
    });
    expect(memory.socketStat).toMatchObject({ state: 'absent' });
  });

  test('an image without socat is unknown as such', () => {
    const answers = answersFor(undefined).map((answer) =>
      answer.id === 'haproxy' ? { ...answer, status: 127, text: 'socat: not found' } : answer,
    );
    expect(read(answers).svid).toMatchObject({
      state: 'unknown',
      why: 'no-shell',
      detail: expect.stringContaining('socat'),
    });
  });

  test('a socket below level operator is unknown, never an empty memory', () => {
    const answers = answersFor(healthy()).map((answer) =>
      answer.argument.startsWith('@1 show ssl') ? { ...answer, text: "Can't allocate memory!\n\n" } : answer,
    );
    for (const reading of [read(answers).svid, read(answers).certificates]) {
      expect(reading).toMatchObject({ state: 'unknown', why: 'no-answer', detail: expect.stringContaining('level') });
    }
  });

  test('a worker reached by its process id answers in the place of a hung @1', () => {
    const answers = answersFor(healthy()).flatMap((answer) => {
      if (!answer.argument.startsWith('@1 ')) return [answer];
      const direct = { ...answer, argument: answer.argument.replace('@1', '@!8') };
      return answer.argument === '@1 show info' ? [{ ...answer, text: '' }, direct] : [direct];
    });
    const memory = read(answers);
    expect(memory.svid).toMatchObject({ state: 'known', value: { sha1: svid.certificate.sha1 } });
    expect(memory.worker).toMatchObject({ value: { via: 'pid', silent: [0] } });
  });

  test('a worker that falls silent on the way leaves the rest unknown without calling it cut off', () => {
    const answers = answersFor(healthy());
    const at = answers.findIndex(({ argument }) => argument === `@1 show ssl cert ${PATHS.svid}`);
    const kept = answers.filter((answer, index) => index < at || !answer.argument.startsWith('@1'));
    const silent = { id: 'haproxy', argument: `@1 show ssl cert ${PATHS.svid}`, status: 0, text: '' };
    const memory = read([...kept, silent]);
    expect(memory.svid).toMatchObject({ state: 'unknown', why: 'no-answer' });
    expect(memory.bundle).toMatchObject({ state: 'unknown', why: 'no-answer' });
  });

  test('answers that were cut off are unknown, wherever the cut is', () => {
    const answers = answersFor(healthy());
    for (let kept = 1; kept <= answers.length; kept += 1) {
      const memory = read(answers.slice(0, kept), false);
      for (const reading of [memory.svid, memory.bundle, memory.certificates, memory.servers, memory.socketStat]) {
        expect(reading.state).not.toBe('absent');
        if (reading.state === 'unknown') expect(reading.why).toBe('truncated');
      }
    }
  });

  test('an answer longer than the probe hands on is unknown', () => {
    const answers = answersFor(healthy()).map((answer) =>
      answer.argument === '@1 show stat -1 4 -1' ? { ...answer, status: 200 } : answer,
    );
    expect(read(answers).servers).toMatchObject({ state: 'unknown', why: 'truncated' });
  });
});
