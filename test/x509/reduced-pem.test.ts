import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReducedPem, reducePem } from '../../src/evidence/reduced-pem.ts';
import { mintCa } from '../scenario/certificates.ts';
import { rememberKey } from '../scenario/minted-keys.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const ca = await mintCa({ subject: 'O=SPIFFE', notBefore: NOW, notAfter: NOW + 3_600_000 });
const svid = await ca.issue({ uris: ['spiffe://prod.example.com/a'], notBefore: NOW, notAfter: NOW + 3_600_000 });
const pkcs8 = svid.privateKeyPem;
const spki = svid.certificate.spkiSha256;

function mint(pem: string | Buffer): string {
  rememberKey(pem.toString());
  return pem.toString();
}
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pkcs1 = mint(rsa.export({ type: 'pkcs1', format: 'pem' }));
const sec1 = mint(ec.export({ type: 'sec1', format: 'pem' }));
const cipher = { cipher: 'aes-256-cbc', passphrase: 'changeit' };
const encryptedPkcs8 = mint(ec.export({ type: 'pkcs8', format: 'pem', ...cipher }));
const encryptedPkcs1 = mint(rsa.export({ type: 'pkcs1', format: 'pem', ...cipher }));
const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';

function bodyLines(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----') && !line.includes(':'));
}

/** No line of the key may survive, in the clear, as base64 of base64, or as the hex of its bytes. */
function expectNothingLeft(reduced: unknown, pem: string): void {
  const text = JSON.stringify(reduced);
  for (const line of bodyLines(pem)) {
    expect(text).not.toContain(line.slice(0, 16));
    expect(text).not.toContain(Buffer.from(line, 'base64').toString('hex').slice(0, 16));
  }
}

describe('a key is replaced by what may be known about it', () => {
  const loading = { class: 'key', loads: { ok: true }, encrypted: false };
  it.each([
    ['PKCS#8', pkcs8, [{ ...loading, algorithm: 'ec', spkiSha256: spki, line: 1 }]],
    ['PKCS#8 with CRLF', pkcs8.replaceAll('\n', '\r\n'), [{ ...loading, spkiSha256: spki }]],
    ['PKCS#8 with a byte order mark', `\uFEFF${pkcs8}`, [{ ...loading, spkiSha256: spki }]],
    ['RSA', pkcs1, [{ ...loading, algorithm: 'rsa' }]],
    [
      'parameters before an EC key',
      parameters + sec1,
      [
        { class: 'other', label: 'EC PARAMETERS', line: 1 },
        { ...loading, algorithm: 'ec', line: 4 },
      ],
    ],
    ['encrypted PKCS#8', encryptedPkcs8, [{ class: 'key', encrypted: true, loads: { ok: false } }]],
    ['encrypted PKCS#1', encryptedPkcs1, [{ class: 'key', encrypted: true, loads: { ok: false } }]],
    [
      'no END line',
      pkcs8.replace(/-----END.*\n/, ''),
      [{ class: 'key', loads: { ok: false, because: 'bad end line' } }],
    ],
    [
      'another END line',
      pkcs8.replace('END PRIVATE', 'END RSA PRIVATE'),
      [{ class: 'key', loads: { ok: false, because: 'bad end line' } }],
    ],
    ['indented', pkcs8.replace(/^/gm, '  '), [{ class: 'text', resembles: 'key', line: 1 }]],
    [
      'lower case',
      pkcs8.replace(/-----.*-----/g, (label) => label.toLowerCase()),
      [{ class: 'text', resembles: 'key' }],
    ],
    ['without armour', bodyLines(pkcs8).join('\n'), [{ class: 'text', line: 1 }]],
    [
      'on one line',
      pkcs8.replaceAll('\n', ' ').trim(),
      [{ class: 'other', label: 'unrecognised', loads: { ok: false } }],
    ],
    [
      'under the label of a certificate',
      pkcs8.replaceAll('PRIVATE KEY', 'CERTIFICATE'),
      [{ class: 'certificate', pem: '', loads: { ok: false } }],
    ],
    [
      'under a label of its own',
      pkcs8.replaceAll('PRIVATE KEY', 'MY SECRET'),
      [{ class: 'other', label: 'unrecognised' }],
    ],
    ['inside prose', `here it is: ${pkcs8}thanks`, [{ class: 'text', line: 1, resembles: 'key' }]],
    [
      'with a broken alphabet',
      pkcs8.replace(/.\n-----END/, '*\n-----END'),
      [{ class: 'key', loads: { ok: false, because: 'bad base64 decode' } }],
    ],
    [
      'DER read as text',
      createPrivateKey(pkcs8).export({ type: 'pkcs8', format: 'der' }).toString('latin1'),
      [{ class: 'text' }],
    ],
  ])('%s', (_name, text, blocks) => {
    const reduced = reducePem(text);
    expect(reduced.reducedPem).toMatchObject(blocks);
    expect(reduced.reducedPem).toHaveLength(blocks.length);
    for (const key of [pkcs8, pkcs1, sec1, encryptedPkcs8, encryptedPkcs1]) expectNothingLeft(reduced, key);
  });

  it('keeps certificates whole and says where each block begins', () => {
    const { reducedPem } = reducePem(`# made by hand\n${svid.certificatePem}${pkcs8}`);
    expect(reducedPem).toMatchObject([
      { class: 'text', line: 1 },
      { class: 'certificate', line: 2, pem: svid.certificatePem, loads: { ok: true } },
      { class: 'key', spkiSha256: spki, loads: { ok: true } },
    ]);
  });

  it('reduces a placeholder that nobody filled in to text', () => {
    expect(reducePem('<paste generated private key PEM here>\n').reducedPem).toEqual([{ class: 'text', line: 1 }]);
  });

  it('has nothing to say about an empty file', () => {
    expect(reducePem('')).toEqual({ reducedPem: [], bytes: 0 });
  });

  it('stays bounded on a file of many blocks', () => {
    expect(reducePem(parameters.repeat(20_000)).reducedPem.length).toBeLessThan(600);
  });
});

describe('reducePem agrees with OpenSSL', () => {
  const pieces = fc.constantFrom(
    ...pkcs8.split('\n'),
    ...sec1.split('\n'),
    ...svid.certificatePem.split('\n').slice(0, 2),
    '',
    ' ',
    'text',
    '-----BEGIN PRIVATE KEY-----  ',
    '-----END PRIVATE KEY----- ',
    ' -----END PRIVATE KEY-----',
    'Proc-Type: 4,CLEAR',
  );
  const edits = fc.array(fc.record({ at: fc.nat(5), remove: fc.nat(1), line: fc.option(pieces) }), { maxLength: 3 });

  it('on whether a mutilated key loads', () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const lines = pkcs8.split('\n');
        for (const { at, remove, line } of changes) lines.splice(at, remove, ...(line === null ? [] : [line]));
        const text = lines.join('\n');
        const keys = reducePem(text).reducedPem.filter((block) => block.class === 'key');
        let openssl: boolean;
        try {
          createPrivateKey(text);
          openssl = true;
        } catch {
          openssl = false;
        }
        // OpenSSL stops at the first block that it cannot frame; what stands behind it does not count.
        if (openssl) expect(keys.some((key) => key.loads.ok)).toBe(true);
        else expect(keys[0]?.loads.ok ?? false).toBe(false);
      }),
      { numRuns: 500, seed: 20261122 },
    );
  });

  it('never throws and never lets a line of a key through', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (lines) => {
        const reduced = reducePem(lines.join('\n'));
        expectNothingLeft(reduced, pkcs8);
        expectNothingLeft(reduced, sec1);
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });
});

describe('readReducedPem', () => {
  it('reads back what was written', () => {
    const reduced = reducePem(`${svid.certificatePem}${pkcs8}text\n${parameters}${pkcs8.replaceAll('\n', ' ')}`);
    expect(readReducedPem(JSON.parse(JSON.stringify(reduced)))).toEqual(reduced);
  });

  it.each([null, 'text', [], {}, { reducedPem: 'x' }])('refuses %j', (json) => {
    expect(readReducedPem(json)).toBeUndefined();
  });

  it('takes nothing for granted inside', () => {
    const hostile = {
      reducedPem: [
        null,
        { class: 'key', algorithm: pkcs8, spkiSha256: 'x', loads: { ok: true } },
        { class: 'toString' },
      ],
    };
    expect(readReducedPem(hostile)).toEqual({
      reducedPem: [{ class: 'key', line: 1, loads: { ok: true }, encrypted: false }],
      bytes: 0,
    });
  });
});
