import { createHash } from 'node:crypto';

/** Hexadecimal; the same text gives the same in every run. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Looks like a random one, and is the same in every run. */
export function uuid(text: string): string {
  const hex = digest(text);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
