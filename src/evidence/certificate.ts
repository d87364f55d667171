import { createHash, X509Certificate } from 'node:crypto';
import { readExtensions } from './x509/extensions.ts';

/** An X.509 certificate as far as the checks read it. Times are epoch milliseconds, fingerprints upper-case hex. */
export interface Certificate {
  readonly pem: string;
  /** SHA-1 of the DER, as `show ssl cert` prints it. */
  readonly sha1: string;
  readonly serial: string;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  /** cA of basicConstraints; false when the extension is missing. */
  readonly ca: boolean;
  /** Absent when there is no keyUsage extension. */
  readonly keyUsage?: { readonly critical: boolean; readonly uses: readonly string[] };
  /** `serverAuth`, `clientAuth`, or the OID; absent when there is no extension. */
  readonly extendedKeyUsage?: readonly string[];
  readonly sanCritical: boolean;
  /** SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex. */
  readonly spkiSha256: string;
  readonly selfSigned: boolean;
}

export type ParsedCertificate =
  | { readonly ok: true; readonly certificate: Certificate }
  | { readonly ok: false; readonly because: string };

/** Larger than any certificate that a TLS handshake carries; what is above it is not looked into. */
const MAX_BYTES = 64 * 1024;

/** Reads one certificate, PEM or DER. What follows it is ignored. Never throws. */
export function parseCertificate(input: string | Uint8Array): ParsedCertificate {
  if (input.length > 2 * MAX_BYTES) return { ok: false, because: 'too large for a certificate' };
  try {
    const parsed = new X509Certificate(input);
    if (parsed.raw.length > MAX_BYTES) return { ok: false, because: 'too large for a certificate' };
    const read = readExtensions(parsed.raw);
    if (!read.ok) return { ok: false, because: `its extensions cannot be read: ${read.because}` };
    const { spki, ...extensions } = read.extensions;
    const notBefore = Date.parse(parsed.validFrom);
    const notAfter = Date.parse(parsed.validTo);
    if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) return { ok: false, because: 'its dates cannot be read' };
    return {
      ok: true,
      certificate: {
        pem: parsed.toString(),
        sha1: parsed.fingerprint.replaceAll(':', ''),
        serial: parsed.serialNumber,
        subject: distinguishedName(parsed.subject),
        issuer: distinguishedName(parsed.issuer),
        notBefore,
        notAfter,
        ...extensions,
        spkiSha256: createHash('sha256').update(spki).digest('hex'),
        selfSigned: parsed.subject === parsed.issuer && parsed.verify(parsed.publicKey),
      },
    };
  } catch {
    return { ok: false, because: 'not an X.509 certificate' };
  }
}

/** node:crypto puts every attribute on a line of its own, and gives nothing for an empty name. */
function distinguishedName(name: string | undefined): string {
  return (name ?? '').trim().split('\n').join(', ');
}
