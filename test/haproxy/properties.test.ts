import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCliAnswer } from '../../src/evidence/haproxy/answer.ts';
import { parseCaFileList, parseLoadedCaFile } from '../../src/evidence/haproxy/ca-files.ts';
import { parseCertificateList, parseLoadedCertificate } from '../../src/evidence/haproxy/certificates.ts';
import { parseOpenSslDate } from '../../src/evidence/haproxy/date.ts';
import { parseInfo, parseVersion } from '../../src/evidence/haproxy/info.ts';
import { isSameFile } from '../../src/evidence/haproxy/loaded-name.ts';
import { readMemory } from '../../src/evidence/haproxy/memory.ts';
import { parseProcesses } from '../../src/evidence/haproxy/processes.ts';
import { parseAlerts } from '../../src/evidence/haproxy/startup-logs.ts';
import { parseServers } from '../../src/evidence/haproxy/stat.ts';

const PARSERS = [
  parseCaFileList,
  parseLoadedCaFile,
  parseCertificateList,
  parseLoadedCertificate,
  parseInfo,
  parseVersion,
  parseProcesses,
  parseAlerts,
  parseServers,
  parseOpenSslDate,
];

const WORDS = [
  'Filename: /a/svid.pem\n',
  'Status: Used\n',
  'SHA1 FingerPrint: 9C057649BA7684DEFBABF1F33A4982706A99F332\n',
  'notBefore: Nov  1 00:00:00 2026 GMT\n',
  'notAfter: Feb 31 99:00:00 2026 GMT\n',
  'Certificate #1:\n',
  '# filename\n',
  '# transaction\n',
  '*/a/svid.pem\n',
  '/a/b.pem - 2 certificate(s)\n',
  '# pxname,svname,type,__proto__,\n',
  '"a,""b",2\n',
  '# workers\n',
  '1 worker 0 0d00h00m00s 3\n',
  '1 master 0 [failed: 0] 0d00h00m00s 3\n',
  '[ALERT]    (1) : no\n',
  '\u0000',
  '\n',
  ': ',
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join('')),
);

test('no answer of HAProxy makes a parser throw', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 0, max: 255 }), (text, status) => {
      for (const parse of PARSERS) expect(() => parse(text)).not.toThrow();
      expect(readCliAnswer(text, status).kind).toBeTypeOf('string');
    }),
  );
});

test('a status other than 0 is never a text', () => {
  fc.assert(
    fc.property(
      hostile,
      fc.integer({ min: 1, max: 255 }),
      (text, status) => readCliAnswer(text, status).kind !== 'text',
    ),
  );
});

test('a megabyte of one line is parsed within a second', () => {
  const lines = [
    '"'.repeat(1 << 20),
    ' '.repeat(1 << 20),
    ','.repeat(1 << 20),
    `${'1'.repeat(1 << 20)} worker`,
    `/${'a - '.repeat(1 << 18)}`,
    '../'.repeat(1 << 18),
  ];
  const begun = performance.now();
  for (const line of lines) {
    for (const parse of PARSERS) parse(`# pxname,svname,type,\n${line}`);
    isSameFile(line, line.slice(1));
  }
  expect(performance.now() - begun).toBeLessThan(lines.length * 1_000);
});

test('whatever a probe answers, memory is known, or unknown with a reason', () => {
  const command = fc.constantFrom(
    'show info',
    'show proc',
    'show ssl cert',
    'show ssl cert /a/svid.pem',
    'show ssl cert */a/svid.pem',
    'show ssl ca-file',
    'show stat -1 4 -1',
    'show startup-logs',
  );
  const target = fc.constantFrom('', '@1 ', '@!7 ', '@!99999999999999 ');
  const answer = fc.record({
    id: fc.constantFrom('haproxy', 'stat', 'clock', '__proto__'),
    argument: fc.oneof(
      fc.tuple(target, command).map((parts) => parts.join('')),
      fc.string(),
    ),
    status: fc.integer({ min: 0, max: 255 }),
    text: hostile,
  });
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 12 }), fc.boolean(), (answers, complete) => {
      const clock = { id: 'clock', argument: '', status: 0, text: '1795310134\n' };
      const memory = readMemory(
        {
          namespace: 'haptic',
          pod: 'p',
          container: 'haproxy',
          at: '2026-11-22T03:00:00Z',
          answers: [clock, ...answers],
          complete,
        },
        {},
      );
      expect(memory.state).toBe('known');
      if (memory.state === 'known' && answers.length === 0) {
        expect(memory.value.svid).toMatchObject({ state: 'unknown', why: complete ? 'no-evidence' : 'truncated' });
      }
    }),
  );
});

test('names mean one file only when no other reading is possible', () => {
  expect(isSameFile('/etc/haproxy/spiffe/../spiffe/svid.pem', '/etc/haproxy/spiffe/svid.pem')).toBe(true);
  expect(isSameFile('spiffe/svid.pem', '/etc/haproxy/spiffe/svid.pem')).toBe(true);
  expect(isSameFile('iffe/svid.pem', '/etc/haproxy/spiffe/svid.pem')).toBe(false);
  expect(isSameFile('/other/svid.pem', '/etc/haproxy/spiffe/svid.pem')).toBe(false);
  expect(isSameFile('@spiffe/svid.pem', '/etc/haproxy/@spiffe/svid.pem')).toBe(false);
});
