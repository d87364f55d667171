import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactLog, redactObjects, redactProbe } from '../../src/evidence/redact/index.ts';
import { maskSecrets } from '../../src/evidence/redact/key-material.ts';
import { everythingHolding } from './objects.ts';
import { leaks, plantKey } from './planted-keys.ts';

const AT = '2026-11-22T03:00:00Z';

describe.each(['ec', 'rsa'] as const)('a planted %s key', (type) => {
  const key = plantKey(type);
  const forms = Object.entries(key.forms);

  it('would be noticed by this test in every form that is planted', () => {
    for (const [form, text] of forms) expect(leaks(text, key), form).toBe(true);
  });

  it.each(forms)('%s: passes the gate in no field of no kind', (_, text) => {
    for (const object of everythingHolding(text)) {
      const { objects, redactions } = redactObjects([
        { object, at: AT, file: 'a.yaml', lines: { [`data["${text}"]`]: 1 } },
      ]);
      expect(leaks(JSON.stringify({ objects, redactions }), key), String(object.kind).slice(0, 30)).toBe(false);
    }
  });

  it.each(forms)('%s: is blotted out of logs', (_, text) => {
    for (const role of ['helper', 'reloader', 'controller', 'agent'] as const) {
      const log = `${AT} level=error msg="cert ${text}"\n${text
        .split('\n')
        .map((line) => `${AT} ${line}`)
        .join('\n')}`;
      const written = redactLog(role, log);
      expect(leaks(written, key), role).toBe(false);
    }
  });

  it.each(forms)('%s: comes out of no answer of the probe', (_, text) => {
    const ids = [
      'clock',
      'whoami',
      'stat',
      'readable',
      'blocks',
      'certificates',
      'public-key',
      'haproxy',
      'config',
      'unheard-of',
    ];
    const answers = ids.flatMap((id) => [0, 1].map((status) => ({ id, argument: 'show ssl cert', status, text })));
    expect(leaks(JSON.stringify(redactProbe(answers)), key)).toBe(false);
  });
});

describe('blotting', () => {
  it('keeps the length and the lines of any text and takes bounded time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.constantFrom('-----BEGIN ', 'PRIVATE KEY-----\n', 'password=', 'a-'.repeat(50), '\n', 'A1b'.repeat(20)),
          ),
        ),
        (parts) => {
          const text = parts.join('');
          const masked = maskSecrets(text).text;
          expect(masked.split('\n').map((line) => line.length)).toEqual(text.split('\n').map((line) => line.length));
        },
      ),
    );
    const started = performance.now();
    for (const text of [
      'a-'.repeat(200_000),
      '-----BEGIN '.repeat(50_000),
      'token '.repeat(100_000),
      'https://a:'.repeat(50_000),
    ])
      maskSecrets(text);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('leaves paths, fingerprints, checksums, names and SPIFFE IDs alone', () => {
    for (const text of [
      '/etc/haproxy/spiffe/svid.pem.key and /var/lib/kubelet/plugins/csi.spiffe.io/csi.sock',
      'SHA1 FingerPrint: 3F786850E387550FDAB836ED7E6DC881DE23001B',
      `checksum/config: ${'0123456789abcdef'.repeat(4)}`,
      `ghcr.io/spiffe/spiffe-helper:0.11.0@sha256:${'0123456789abcdef'.repeat(4)}`,
      'haptic-haproxy-5d8f7b9c6d-x2x4q-spiffe-helper-config-and-more-words',
      'spiffe://prod.example.com/ns/haptic/sa/default',
      'Unknown token: 1:15 IDENT yes',
      'secret "haptic-webhook-cert" not found',
    ]) {
      expect(maskSecrets(text)).toEqual({ text });
    }
  });

  it.each([
    ['a password in a connection string', 'postgres://spire:hunter22@db/spire', 'hunter22'],
    ['a token as an argument', '--join-token 3f1d6e7c-aaaa', '3f1d6e7c'],
    ['a bearer token', 'Authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
    ['a setting', 'db_password = "correct horse"', 'correct'],
    ['a JSON member', '{"clientSecret": "s3cr3tvalue"}', 's3cr3tvalue'],
    ['a JSON Web Token', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'eyJzdWIi'],
  ])('takes out %s', (_, text, secret) => {
    const masked = maskSecrets(text);
    expect(masked.text).not.toContain(secret);
    expect(masked.reason).toBe('credential');
  });
});
