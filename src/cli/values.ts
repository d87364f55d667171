import { InvalidArgumentError } from 'commander';
import { parseSelectorText } from '../evidence/label-selector.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A length of time as kubectl writes it (`500ms`, `60s`, `1m30s`, `2m`; a bare number is seconds), in milliseconds. */
export function duration(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text) * 1000;
  if (!/^(?:\d{1,7}(?:\.\d{1,3})?(?:ms|s|m|h)){1,4}$/.test(text))
    throw new InvalidArgumentError('Give a time such as 60s, 2m or 500ms.');
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  return total;
}

/** A length of time that is not zero. */
export function positiveDuration(text: string): number {
  const milliseconds = duration(text);
  if (milliseconds === 0) throw new InvalidArgumentError('Give a time above zero.');
  return milliseconds;
}

/** A whole number between 1 and 256. */
export function concurrency(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 256) throw new InvalidArgumentError('Give a number between 1 and 256.');
  return number;
}

/** kubectl's level of detail, 0 to 10. */
export function level(text: string): number {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : 99;
  if (number > 10) throw new InvalidArgumentError('Give a number between 0 and 10.');
  return number;
}

/** For a flag that may be repeated. */
export function repeated(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}

/** For a flag that may be repeated and takes a name. */
export function repeatedName(text: string, previous: readonly string[] | undefined): readonly string[] {
  return repeated(nonEmpty(text), previous);
}

/** For a flag that may be repeated and takes `key=value`. */
export function keyValue(text: string, previous: readonly string[] | undefined): readonly string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('Give key=value.');
  return repeated(text, previous);
}

/** For a flag that may be repeated and takes several words with commas between them. */
export function commaSeparated(text: string, previous: readonly string[] | undefined): readonly string[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw new InvalidArgumentError('Give at least one id.');
  return [...(previous ?? []), ...words];
}

/** A label selector that parses and asks for something. */
export function labelSelector(text: string): string {
  const requirements = parseSelectorText(text);
  if (requirements === undefined || requirements.length === 0)
    throw new InvalidArgumentError('Give a label selector such as app=edge,tier!=test.');
  return text;
}

/** A value that must not be empty. */
export function nonEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
