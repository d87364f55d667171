import type { CertificateList, LoadedCertificate } from '../facts/haproxy-memory.ts';
import { parseOpenSslDate } from './date.ts';

/** Reads the list of `show ssl cert`; an empty store is only a newline. Undefined when it is something else. */
export function parseCertificateList(text: string): CertificateList | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length > 0 && !lines[0]?.startsWith('# ')) return undefined;
  const names = lines.filter((line) => !line.startsWith('#') && !line.startsWith('*'));
  const transaction = lines.find((line) => line.startsWith('*'))?.slice(1);
  return transaction === undefined ? { names } : { names, transaction };
}

/**
 * Reads `show ssl cert FILE` and `*FILE`; undefined when it is something else. HAProxy prints only the DNS names among
 * the subject alternative names: the SPIFFE ID has to come from the file with the same fingerprint.
 */
export function parseLoadedCertificate(text: string): LoadedCertificate | undefined {
  const fields = fieldsOf(text.split('\n'));
  const name = fields.get('Filename');
  const status = statusOf(fields.get('Status'));
  if (name === undefined || status === undefined) return undefined;
  const empty = {
    name,
    status,
    serial: '',
    sha1: '',
    notBefore: 0,
    notAfter: 0,
    dnsNames: [],
    subject: '',
    issuer: '',
  };
  if (status === 'Empty') return empty;
  const details = detailsOf(fields);
  return details && { name, status, ...details };
}

const STATUSES = ['Used', 'Unused', 'Empty', 'Uncommitted'] as const;

export function statusOf(text: string | undefined): LoadedCertificate['status'] | undefined {
  return text === undefined ? undefined : (STATUSES.find((status) => status === text) ?? 'other');
}

/** `Key: value` lines; the first one of a key counts, so that a chain's lines change nothing. */
export function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(': ');
    const key = at < 0 ? line.replace(/:$/, '') : line.slice(0, at);
    if (!fields.has(key)) fields.set(key, at < 0 ? '' : line.slice(at + 2));
  }
  return fields;
}

/** What `show ssl cert` and `show ssl ca-file` print about one certificate. */
interface CertificateDetails {
  readonly serial: string;
  readonly sha1: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly dnsNames: readonly string[];
  readonly subject: string;
  readonly issuer: string;
}

export function detailsOf(fields: ReadonlyMap<string, string>): CertificateDetails | undefined {
  const sha1 = fields.get('SHA1 FingerPrint')?.trim() ?? '';
  const notBefore = parseOpenSslDate(fields.get('notBefore') ?? '');
  const notAfter = parseOpenSslDate(fields.get('notAfter') ?? '');
  if (!/^[0-9A-F]{40}$/.test(sha1) || notBefore === undefined || notAfter === undefined) return undefined;
  const names = fields.get('Subject Alternative Name') ?? '';
  const dnsNames = names
    .split(', ')
    .filter((item) => item.startsWith('DNS:'))
    .map((item) => item.slice('DNS:'.length));
  return {
    serial: fields.get('Serial')?.trim() ?? '',
    sha1,
    notBefore,
    notAfter,
    dnsNames,
    subject: fields.get('Subject') ?? '',
    issuer: fields.get('Issuer') ?? '',
  };
}
