import type { CaFileList, LoadedCaFile } from '../facts/haproxy-memory.ts';
import { detailsOf, fieldsOf, statusOf } from './certificates.ts';

const ENTRY = /^(\*?)(.+) - (\d{1,9}) certificate\(s\)$/;

/** Reads the list of `show ssl ca-file`, without the system's own store; undefined when it is something else. */
export function parseCaFileList(text: string): CaFileList | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length > 0 && !lines[0]?.startsWith('# ')) return undefined;
  const files: { name: string; certificates: number }[] = [];
  let transaction: string | undefined;
  for (const line of lines) {
    const [, star, name, count] = ENTRY.exec(line) ?? [];
    if (name === undefined || name === '@system-ca') continue;
    if (star === '*') transaction ??= name;
    else files.push({ name, certificates: Number(count) });
  }
  return transaction === undefined ? { files } : { files, transaction };
}

/**
 * Reads `show ssl ca-file FILE`; undefined when it is something else. Compare as a set of fingerprints: HAProxy drops
 * duplicates and sorts. A store without a certificate is an answer of one newline and has no name in it.
 */
export function parseLoadedCaFile(text: string): LoadedCaFile | undefined {
  const [head = '', ...blocks] = text.split(/^Certificate #\d{1,9}:$/m);
  const fields = fieldsOf(head.split('\n'));
  const name = fields.get('Filename');
  const status = statusOf(fields.get('Status'));
  if (name === undefined || status === undefined) return undefined;
  const certificates = [];
  for (const block of blocks) {
    const details = detailsOf(fieldsOf(block.split('\n')));
    if (!details) return undefined;
    certificates.push({ sha1: details.sha1, subject: details.subject, notAfter: details.notAfter });
  }
  return { name, status, certificates };
}
