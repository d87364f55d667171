import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Answers of six releases of HAProxy, recorded byte for byte; they live beside the repository. */
export const RECORDINGS = join(import.meta.dirname, '../../../shared/facts/haproxy');
export const HAVE_RECORDINGS = existsSync(RECORDINGS);

export interface Recording {
  readonly version: string;
  readonly file: string;
  readonly text: string;
}

/** All recordings whose file name matches. */
export function recordings(name: RegExp): readonly Recording[] {
  if (!HAVE_RECORDINGS) return [];
  return versions().flatMap((version) =>
    readdirSync(join(RECORDINGS, version))
      .filter((file) => name.test(file) && (name.source.includes('stderr') || !file.includes('.stderr.')))
      .map((file) => ({ version, file, text: readFileSync(join(RECORDINGS, version, file), 'utf8') })),
  );
}

function versions(): readonly string[] {
  return readdirSync(RECORDINGS, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** What openssl said about a certificate that one of the recorded runs had on disk. */
export interface Truth {
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly dnsNames: readonly string[];
}

/** By SHA-1 fingerprint, over all certificates of a version's runs. */
export function diskTruth(version: string): ReadonlyMap<string, Truth> {
  const truths = new Map<string, Truth>();
  for (const file of ['00-disk-truth.txt', 'C0-disk-truth.txt']) {
    const text = readFileSync(join(RECORDINGS, version, file), 'utf8');
    for (const section of text.split(/^== /m).slice(1)) {
      const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(section)?.[1] ?? '';
      const sans = /Alternative Name: *\n +(.*)$/m.exec(section)?.[1] ?? '';
      truths.set(field('sha1 Fingerprint').replaceAll(':', ''), {
        serial: field('serial'),
        notBefore: Date.parse(field('notBefore')),
        notAfter: Date.parse(field('notAfter')),
        dnsNames: sans.split(', ').flatMap((san) => (san.startsWith('DNS:') ? [san.slice(4)] : [])),
      });
    }
  }
  return truths;
}
