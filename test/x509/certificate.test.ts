import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/evidence/certificate.ts';
import { mintCa } from '../scenario/certificates.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const HOUR = 3_600_000;
const ca = await mintCa({
  subject: 'C=US, O=SPIFFE',
  uri: 'spiffe://prod.example.com',
  notBefore: NOW - HOUR,
  notAfter: NOW + 23 * HOUR,
});

describe('parseCertificate', () => {
  it('reads what SPIRE puts into an SVID', async () => {
    const { certificate } = await ca.issue({
      uris: ['spiffe://prod.example.com/ns/haptic/sa/default'],
      dnsNames: ['haptic.haptic.svc', 'haptic'],
      notBefore: NOW - 1000,
      notAfter: NOW + HOUR,
    });
    expect(certificate).toMatchObject({
      subject: 'C=US, O=SPIRE',
      issuer: 'C=US, O=SPIFFE',
      notBefore: NOW - 1000,
      notAfter: NOW + HOUR,
      uris: ['spiffe://prod.example.com/ns/haptic/sa/default'],
      dnsNames: ['haptic.haptic.svc', 'haptic'],
      ca: false,
      keyUsage: { critical: true, uses: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] },
      extendedKeyUsage: ['serverAuth', 'clientAuth'],
      sanCritical: false,
      selfSigned: false,
    });
    expect(certificate.sha1).toMatch(/^[0-9A-F]{40}$/);
    expect(certificate.spkiSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells an authority by its constraints', () => {
    expect(ca.certificate).toMatchObject({
      ca: true,
      selfSigned: true,
      keyUsage: { uses: ['keyCertSign', 'cRLSign'] },
    });
  });

  it('says that there is no extension instead of making one up', async () => {
    const { certificate } = await ca.issue({ notBefore: NOW, notAfter: NOW + HOUR, keyUsage: 'none', eku: 'none' });
    expect(certificate.keyUsage).toBeUndefined();
    expect(certificate.extendedKeyUsage).toBeUndefined();
    expect(certificate.uris).toEqual([]);
  });

  it.each(['', 'text', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'x'.repeat(200_000)])(
    'gives a reason instead of throwing for %.20j',
    (input) => {
      expect(parseCertificate(input)).toMatchObject({ ok: false });
    },
  );

  it('survives every single byte of a certificate being changed', async () => {
    const { certificatePem } = await ca.issue({
      uris: ['spiffe://prod.example.com/a'],
      notBefore: NOW,
      notAfter: NOW + HOUR,
    });
    const der = Buffer.from(certificatePem.replace(/-----.*-----/g, ''), 'base64');
    for (let at = 0; at < der.length; at++) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      expect(() => parseCertificate(changed)).not.toThrow();
    }
  });
});
