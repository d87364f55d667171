import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Loads } from '../reduced-pem.ts';
import { ENCRYPTED } from './pem-frames.ts';

/** What may be said about a private key: nothing here depends on its secret half. */
export interface KeySummary {
  readonly loads: Loads;
  readonly algorithm?: string;
  readonly encrypted: boolean;
  readonly spkiSha256?: string;
}

/** Labels of private keys that OpenSSL reads; null: the format of this label is not one that it loads. */
const FORMATS: ReadonlyMap<string, 'pkcs8' | 'pkcs1' | 'sec1' | null> = new Map([
  ['PRIVATE KEY', 'pkcs8'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
  ['ENCRYPTED PRIVATE KEY', null],
  ['OPENSSH PRIVATE KEY', null],
  ['DSA PRIVATE KEY', null],
  ['ANY PRIVATE KEY', null],
]);

export function isKeyLabel(label: string): boolean {
  return FORMATS.has(label);
}

/** Loads the key for as long as it takes to derive its public half. */
export function summarizeKey(label: string, header: readonly string[], der: Uint8Array<ArrayBuffer>): KeySummary {
  const encrypted = label === 'ENCRYPTED PRIVATE KEY' || header.some((line) => ENCRYPTED.test(line));
  if (encrypted)
    return { loads: { ok: false, because: 'the key is encrypted and nobody can type its passphrase' }, encrypted };
  const type = FORMATS.get(label);
  if (!type) return { loads: { ok: false, because: 'unsupported' }, encrypted };
  try {
    const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type });
    return { loads: { ok: true }, algorithm: key.asymmetricKeyType ?? 'unknown', encrypted, spkiSha256: digest(key) };
  } catch {
    return { loads: { ok: false, because: 'unsupported' }, encrypted };
  }
}

function digest(privateKey: KeyObject): string {
  return spkiDigest(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
}

/** SHA-256 of a DER SubjectPublicKeyInfo, lower-case hex. */
export function spkiDigest(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** Digest of a public key as `openssl pkey -pubout` prints it; undefined when it is none. */
export function publicKeyDigest(pem: string): string | undefined {
  const [, body] = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----/.exec(pem) ?? [];
  if (pem.length > 65_536 || body === undefined) return undefined;
  try {
    // OpenSSL prints DER that it has encoded itself; to encode it once more takes longer than to read it.
    createPublicKey(pem);
    return spkiDigest(Buffer.from(body, 'base64'));
  } catch {
    return undefined;
  }
}
