import { createRequire } from 'node:module';
import type * as Library from '@peculiar/x509';
import { prepareReflect } from './reflect-metadata.ts';

/** What node:crypto does not tell about a certificate. */
export interface CertificateExtensions {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly sanCritical: boolean;
  readonly ca: boolean;
  readonly keyUsage?: { readonly critical: boolean; readonly uses: readonly string[] };
  readonly extendedKeyUsage?: readonly string[];
  /** DER SubjectPublicKeyInfo as it stands in the certificate. */
  readonly spki: ArrayBuffer;
}

const USES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

const PURPOSES: ReadonlyMap<string, string> = new Map([
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
]);

let library: typeof Library | undefined;

/** Loads the library at the first certificate: 150 to 300 ms that a run without certificates must not pay. */
function x509(): typeof Library {
  if (library === undefined) {
    prepareReflect();
    const loaded: typeof Library = createRequire(import.meta.url)('@peculiar/x509');
    library = loaded;
  }
  return library;
}

/** Throws on DER that the library does not take. */
export function readExtensions(der: Uint8Array<ArrayBuffer>): CertificateExtensions {
  const { BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsagesExtension, ...rest } = x509();
  const certificate = new rest.X509Certificate(der);
  const san = certificate.getExtension(rest.SubjectAlternativeNameExtension);
  const usage = certificate.getExtension(KeyUsagesExtension);
  const purposes = certificate.getExtension(ExtendedKeyUsageExtension);
  const names = san?.names.items ?? [];
  return {
    uris: names.filter((name) => name.type === 'url').map((name) => name.value),
    dnsNames: names.filter((name) => name.type === 'dns').map((name) => name.value),
    sanCritical: san?.critical ?? false,
    ca: certificate.getExtension(BasicConstraintsExtension)?.ca ?? false,
    ...(usage
      ? { keyUsage: { critical: usage.critical, uses: USES.filter((_, bit) => (usage.usages & (1 << bit)) !== 0) } }
      : {}),
    ...(purposes ? { extendedKeyUsage: purposes.usages.map((oid) => PURPOSES.get(String(oid)) ?? String(oid)) } : {}),
    spki: certificate.publicKey.rawData,
  };
}
