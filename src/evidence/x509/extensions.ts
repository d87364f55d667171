import {
  BIT_STRING,
  BOOLEAN,
  type Element,
  Elements,
  INTEGER,
  Malformed,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  only,
  readAscii,
  readBits,
  readBoolean,
  readObjectIdentifier,
  SEQUENCE,
} from './der.ts';

/** What node:crypto does not tell about a certificate. */
export interface CertificateExtensions {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly sanCritical: boolean;
  readonly ca: boolean;
  readonly keyUsage?: { readonly critical: boolean; readonly uses: readonly string[] };
  readonly extendedKeyUsage?: readonly string[];
  /** DER SubjectPublicKeyInfo as it stands in the certificate. */
  readonly spki: Uint8Array;
}

export type ReadExtensions =
  | { readonly ok: true; readonly extensions: CertificateExtensions }
  | { readonly ok: false; readonly because: string };

/** By bit, RFC 5280 §4.2.1.3. */
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

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';

interface Extension {
  readonly critical: boolean;
  /** DER of the extension's own structure. */
  readonly value: Uint8Array;
}

/**
 * Reads the extensions (RFC 5280) of one DER certificate that node:crypto has taken. Takes less than OpenSSL: what is
 * not DER, an extension that is there twice and anything behind a structure's last element are refused, never guessed.
 */
export function readExtensions(der: Uint8Array): ReadExtensions {
  try {
    return { ok: true, extensions: read(der) };
  } catch (error) {
    return { ok: false, because: error instanceof Malformed ? error.message : 'not a certificate' };
  }
}

function read(der: Uint8Array): CertificateExtensions {
  const { spki, extensions } = certificate(der);
  const san = extensions.get(SUBJECT_ALTERNATIVE_NAME);
  const usage = extensions.get(KEY_USAGE);
  const purposes = extensions.get(EXTENDED_KEY_USAGE);
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  return {
    ...(san ? { ...names(san.value), sanCritical: san.critical } : { uris: [], dnsNames: [], sanCritical: false }),
    ca: constraints !== undefined && isAuthority(constraints.value),
    ...(usage ? { keyUsage: { critical: usage.critical, uses: uses(usage.value) } } : {}),
    ...(purposes ? { extendedKeyUsage: purposesOf(purposes.value) } : {}),
    spki,
  };
}

/** Certificate and TBSCertificate, RFC 5280 §4.1. */
function certificate(der: Uint8Array): { spki: Uint8Array; extensions: ReadonlyMap<string, Extension> } {
  const VERSION = 0xa0;
  const ISSUER_UNIQUE_ID = 0x81;
  const SUBJECT_UNIQUE_ID = 0x82;
  const EXTENSIONS = 0xa3;
  const signed = new Elements(only(der, SEQUENCE).content);
  const fields = new Elements(signed.next(SEQUENCE).content);
  const version = fields.optional(VERSION);
  fields.next(INTEGER);
  // Signature algorithm, issuer, validity, subject.
  for (let count = 0; count < 4; count += 1) fields.next(SEQUENCE);
  const spki = fields.next(SEQUENCE).whole;
  fields.optional(ISSUER_UNIQUE_ID);
  fields.optional(SUBJECT_UNIQUE_ID);
  const tagged = fields.optional(EXTENSIONS);
  fields.end();
  if (tagged === undefined) return { spki, extensions: new Map() };
  const VERSION_3 = 2;
  if (version === undefined || only(version.content, INTEGER).content.join() !== `${VERSION_3}`) {
    throw new Malformed('extensions in a certificate of an older version');
  }
  return { spki, extensions: extensionsIn(only(tagged.content, SEQUENCE)) };
}

function extensionsIn(list: Element): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  const entries = new Elements(list.content);
  while (!entries.ended) {
    const entry = new Elements(entries.next(SEQUENCE).content);
    const id = readObjectIdentifier(entry.next(OBJECT_IDENTIFIER));
    const critical = entry.optional(BOOLEAN);
    const value = entry.next(OCTET_STRING).content;
    entry.end();
    if (extensions.has(id)) throw new Malformed(`extension ${id} is there twice`);
    extensions.set(id, { critical: critical !== undefined && readBoolean(critical), value });
  }
  return extensions;
}

/** GeneralNames, RFC 5280 §4.2.1.6. Kinds that no check reads (otherName, addresses, …) are passed over. */
function names(value: Uint8Array): { uris: readonly string[]; dnsNames: readonly string[] } {
  const DNS_NAME = 0x82;
  const URI = 0x86;
  const OTHERS = new Set([0xa0, 0x81, 0xa3, 0xa4, 0xa5, 0x87, 0x88]);
  const uris: string[] = [];
  const dnsNames: string[] = [];
  const list = new Elements(only(value, SEQUENCE).content);
  while (!list.ended) {
    const name = list.next();
    if (name.tag === URI) uris.push(readAscii(name));
    else if (name.tag === DNS_NAME) dnsNames.push(readAscii(name));
    else if (!OTHERS.has(name.tag)) throw new Malformed('a name of no known kind');
  }
  return { uris, dnsNames };
}

/** BasicConstraints, RFC 5280 §4.2.1.9. */
function isAuthority(value: Uint8Array): boolean {
  const fields = new Elements(only(value, SEQUENCE).content);
  const ca = fields.optional(BOOLEAN);
  fields.optional(INTEGER);
  fields.end();
  return ca !== undefined && readBoolean(ca);
}

function uses(value: Uint8Array): readonly string[] {
  const bits = readBits(only(value, BIT_STRING));
  return USES.filter((_, bit) => bits.has(bit));
}

function purposesOf(value: Uint8Array): readonly string[] {
  const list = new Elements(only(value, SEQUENCE).content);
  const purposes: string[] = [];
  while (!list.ended) {
    const id = readObjectIdentifier(list.next(OBJECT_IDENTIFIER));
    purposes.push(PURPOSES.get(id) ?? id);
  }
  return purposes;
}
