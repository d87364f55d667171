import { randomBytes, type webcrypto } from 'node:crypto';
import type { Extension, JsonGeneralName, KeyUsageFlags as KeyUsageFlag, X509Certificate } from '@peculiar/x509';
import { type Certificate, parseCertificate } from '../../src/evidence/certificate.ts';
import { rememberKey } from './minted-keys.ts';
import { prepareReflect } from './reflect-metadata.ts';

prepareReflect();
const {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} = await import('@peculiar/x509');

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** From when to when, epoch milliseconds; X.509 keeps whole seconds. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CaOptions extends Validity {
  /** `CN=root, O=SPIRE`; certificates of different authorities should have different subjects. */
  readonly subject: string;
  /** SPIFFE ID of the authority, `spiffe://prod.example.com`; absent: no SAN, as with an upstream authority. */
  readonly uri?: string;
  /** A new key unless given. */
  readonly keys?: webcrypto.CryptoKeyPair;
}

export interface LeafOptions extends Validity {
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  /** As SPIRE issues unless given: `C=US, O=SPIRE`. */
  readonly subject?: string;
  readonly sanCritical?: boolean;
  readonly ca?: boolean;
  /** Flags of KeyUsageFlags by name, as SPIRE issues unless given; `none`: no extension. */
  readonly keyUsage?: 'none' | { readonly critical?: boolean; readonly uses: readonly (keyof typeof KeyUsageFlag)[] };
  /** `serverAuth` and `clientAuth` unless given; `none`: no extension. Other words are OIDs. */
  readonly eku?: 'none' | readonly string[];
  /** The key to certify; a new one unless given. */
  readonly keys?: webcrypto.CryptoKeyPair;
}

export interface Issued {
  /** The leaf alone. */
  readonly certificatePem: string;
  /** The leaf and the intermediates above it, without the root: what SPIRE puts into svid.pem. */
  readonly chainPem: string;
  /** PKCS#8, as spiffe-helper writes it. */
  readonly privateKeyPem: string;
  readonly spkiPem: string;
  readonly certificate: Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

export interface TestCa {
  readonly certificatePem: string;
  readonly certificate: Certificate;
  /** Certificates between what this authority issues and the root, this one first; empty for a root. */
  readonly intermediatePems: readonly string[];
  readonly keys: webcrypto.CryptoKeyPair;
  /** PKCS#8. */
  readonly privateKeyPem: () => Promise<string>;
  readonly issue: (options: LeafOptions) => Promise<Issued>;
  readonly mintIntermediate: (options: CaOptions) => Promise<TestCa>;
}

/** A self-signed authority with a P-256 key of its own. */
export async function mintCa(options: CaOptions): Promise<TestCa> {
  return mintAuthority(options, undefined);
}

/** A P-256 key pair whose private half is remembered for the search through everything that was written. */
export async function mintKeys(): Promise<webcrypto.CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  rememberKey(await privateKeyPem(keys));
  return keys;
}

interface Issuer {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly intermediatePems: readonly string[];
}

async function mintAuthority(options: CaOptions, issuer: Issuer | undefined): Promise<TestCa> {
  const keys = options.keys ?? (await mintKeys());
  const sans: JsonGeneralName[] = options.uri === undefined ? [] : [{ type: 'url', value: options.uri }];
  const x509 = await sign(options, options.subject, keys, issuer, [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
    ...(sans.length === 0 ? [] : [new SubjectAlternativeNameExtension(sans)]),
  ]);
  const certificatePem = pemOf(x509);
  const intermediatePems = issuer ? [certificatePem, ...issuer.intermediatePems] : [];
  const self: Issuer = { certificate: x509, keys, intermediatePems };
  return {
    certificatePem,
    certificate: parsed(certificatePem),
    intermediatePems,
    keys,
    privateKeyPem: () => privateKeyPem(keys),
    issue: (leaf) => issueLeaf(leaf, self),
    mintIntermediate: (intermediate) => mintAuthority(intermediate, self),
  };
}

async function issueLeaf(options: LeafOptions, issuer: Issuer): Promise<Issued> {
  const keys = options.keys ?? (await mintKeys());
  const { uris = [], dnsNames = [], eku = ['serverAuth', 'clientAuth'] } = options;
  const { keyUsage = { uses: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] } } = options;
  const sans: JsonGeneralName[] = [
    ...uris.map((value): JsonGeneralName => ({ type: 'url', value })),
    ...dnsNames.map((value): JsonGeneralName => ({ type: 'dns', value })),
  ];
  const extensions: Extension[] = [new BasicConstraintsExtension(options.ca ?? false, undefined, true)];
  if (keyUsage !== 'none') {
    const flags = keyUsage.uses.reduce((all, use) => all | KeyUsageFlags[use], 0);
    extensions.push(new KeyUsagesExtension(flags, keyUsage.critical ?? true));
  }
  if (eku !== 'none') {
    const named: Readonly<Record<string, string>> = { ...ExtendedKeyUsage };
    extensions.push(new ExtendedKeyUsageExtension(eku.map((use) => named[use] ?? use)));
  }
  if (sans.length > 0) extensions.push(new SubjectAlternativeNameExtension(sans, options.sanCritical ?? false));
  const x509 = await sign(options, options.subject ?? 'C=US, O=SPIRE', keys, issuer, extensions);
  const certificatePem = pemOf(x509);
  return {
    certificatePem,
    chainPem: [certificatePem, ...issuer.intermediatePems].join(''),
    privateKeyPem: await privateKeyPem(keys),
    spkiPem: `${PemConverter.encode(await crypto.subtle.exportKey('spki', keys.publicKey), PemConverter.PublicKeyTag)}\n`,
    certificate: parsed(certificatePem),
    keys,
  };
}

async function sign(
  validity: Validity,
  subject: string,
  keys: webcrypto.CryptoKeyPair,
  issuer: Issuer | undefined,
  extensions: Extension[],
): Promise<X509Certificate> {
  const authority = (issuer ?? { keys }).keys;
  if (issuer) extensions.push(await AuthorityKeyIdentifierExtension.create(authority.publicKey, false, crypto));
  return X509CertificateGenerator.create(
    {
      serialNumber: `4${randomBytes(15).toString('hex')}`.padEnd(32, '0'),
      subject,
      issuer: issuer ? issuer.certificate.subject : subject,
      notBefore: new Date(validity.notBefore),
      notAfter: new Date(validity.notAfter),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: authority.privateKey,
      extensions,
    },
    crypto,
  );
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), PemConverter.PrivateKeyTag)}\n`;
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function parsed(pem: string): Certificate {
  const result = parseCertificate(pem);
  if (!result.ok) throw new Error(`minted a certificate that cannot be read: ${result.because}`);
  return result.certificate;
}
