import { parseCertificate } from './certificate.ts';
import { isObject, type Json, listAt, numberAt, textAt } from './json.ts';
import { cutPem, type PemFrame } from './x509/pem-frames.ts';
import { isKeyLabel, summarizeKey } from './x509/private-key.ts';

/**
 * What the redaction gate leaves of a PEM file that an API object holds: certificates whole (they are public), and of
 * everything else only what the checks need. Made by `reducePem`, read back with `readReducedPem`.
 */
export interface ReducedPem {
  readonly reducedPem: readonly PemBlock[];
  /** Size of the original in bytes (UTF-8). */
  readonly bytes: number;
}

export type PemBlock =
  /** `pem` is '' when it does not load. */
  | { readonly class: 'certificate'; readonly pem: string; readonly line: number; readonly loads: Loads }
  | {
      readonly class: 'key';
      readonly line: number;
      readonly loads: Loads;
      /** `ec`, `rsa`, `ed25519`, …; absent when the key does not load. */
      readonly algorithm?: string;
      readonly encrypted: boolean;
      /** SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex; absent when the key does not load. */
      readonly spkiSha256?: string;
    }
  /** Lines outside any PEM block that are not blank: one entry for a run. */
  | {
      readonly class: 'text';
      readonly line: number;
      /** What OpenSSL would have found here, were it written in the first column and in capitals. */
      readonly resembles?: 'key' | 'certificate';
    }
  /** A block of another label (`EC PARAMETERS`, `X509 CRL`), or one without its END line. */
  | { readonly class: 'other'; readonly label: string; readonly line: number; readonly loads: Loads };

/** Whether OpenSSL would read the block, and if not, in HAProxy's words (`no start line`, `bad end line`, …). */
export type Loads = { readonly ok: true } | { readonly ok: false; readonly because: string };

/** A bundle of all public authorities has about 150. */
const MAX_BLOCKS = 500;

/** Labels that may be repeated. What stands in any other's place may be a key that lost its line breaks. */
const LABELS: readonly string[] = [
  'EC PARAMETERS',
  'DH PARAMETERS',
  'X509 CRL',
  'PUBLIC KEY',
  'RSA PUBLIC KEY',
  'CERTIFICATE REQUEST',
  'NEW CERTIFICATE REQUEST',
  'PKCS7',
  'CMS',
];
const CERTIFICATES: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** Reduces a PEM text. Nothing of the result was copied from the text but certificates that parse, re-encoded. */
export function reducePem(text: string): ReducedPem {
  const frames = cutPem(text);
  const blocks = frames.slice(0, MAX_BLOCKS).map(reduceFrame);
  const rest = frames[MAX_BLOCKS];
  if (rest)
    blocks.push({ class: 'other', label: 'more', line: rest.line, loads: { ok: false, because: 'too many blocks' } });
  return { reducedPem: blocks, bytes: Buffer.byteLength(text) };
}

function reduceFrame(frame: PemFrame): PemBlock {
  const { line } = frame;
  if (frame.kind === 'text') return { class: 'text', line, ...resemblance(frame.lines) };
  const { label, body } = frame;
  if (isKeyLabel(label)) {
    if (!body.ok) return { class: 'key', line, loads: body, encrypted: label === 'ENCRYPTED PRIVATE KEY' };
    return { class: 'key', line, ...summarizeKey(label, frame.header, body.der) };
  }
  if (CERTIFICATES.includes(label)) {
    if (!body.ok) return { class: 'certificate', pem: '', line, loads: { ok: false, because: body.because } };
    const parsed = parseCertificate(body.der);
    return parsed.ok
      ? { class: 'certificate', pem: parsed.certificate.pem, line, loads: { ok: true } }
      : { class: 'certificate', pem: '', line, loads: { ok: false, because: parsed.because } };
  }
  const known = LABELS.includes(label) ? label : 'unrecognised';
  return { class: 'other', label: known, line, loads: body.ok ? { ok: true } : { ok: false, because: body.because } };
}

function resemblance(lines: readonly string[]): { resembles?: 'key' | 'certificate' } {
  const begin = lines.find((line) => /-----begin /i.test(line));
  if (begin === undefined) return {};
  if (/private key/i.test(begin)) return { resembles: 'key' };
  return /certificate/i.test(begin) ? { resembles: 'certificate' } : {};
}

/** Reads what `reducePem` made back from a snapshot, which anybody may have written; undefined when it is something else. */
export function readReducedPem(json: unknown): ReducedPem | undefined {
  if (!isObject(json) || !Array.isArray(json.reducedPem)) return undefined;
  const blocks = listAt(json.reducedPem)
    .slice(0, MAX_BLOCKS + 1)
    .map(readBlock);
  return { reducedPem: blocks.filter((block) => block !== undefined), bytes: Math.max(0, numberAt(json.bytes) ?? 0) };
}

function readBlock(json: Json): PemBlock | undefined {
  if (!isObject(json)) return undefined;
  const line = Math.max(1, Math.trunc(numberAt(json.line) ?? 1));
  const loads = readLoads(json.loads);
  switch (json.class) {
    case 'certificate': {
      const parsed = parseCertificate(textAt(json.pem) ?? '');
      if (!loads.ok) return { class: 'certificate', pem: '', line, loads };
      if (!parsed.ok) return { class: 'certificate', pem: '', line, loads: { ok: false, because: parsed.because } };
      return { class: 'certificate', pem: parsed.certificate.pem, line, loads };
    }
    case 'key': {
      const algorithm = short(json.algorithm, /^[a-z0-9-]{1,20}$/);
      const spkiSha256 = short(json.spkiSha256, /^[0-9a-f]{64}$/);
      const facts = { ...(algorithm ? { algorithm } : {}), ...(spkiSha256 ? { spkiSha256 } : {}) };
      return { class: 'key', line, loads, encrypted: json.encrypted === true, ...(loads.ok ? facts : {}) };
    }
    case 'text': {
      const { resembles } = json;
      return { class: 'text', line, ...(resembles === 'key' || resembles === 'certificate' ? { resembles } : {}) };
    }
    case 'other':
      return { class: 'other', label: short(json.label, /^[A-Za-z0-9 ]{1,30}$/) ?? 'unrecognised', line, loads };
    default:
      return undefined;
  }
}

function readLoads(json: Json | undefined): Loads {
  if (isObject(json) && json.ok === true) return { ok: true };
  return { ok: false, because: (isObject(json) ? textAt(json.because) : undefined)?.slice(0, 200) ?? 'not said' };
}

function short(json: Json | undefined, shape: RegExp): string | undefined {
  const text = textAt(json);
  return text !== undefined && text.length <= 64 && shape.test(text) ? text : undefined;
}
