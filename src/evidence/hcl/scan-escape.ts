import { code, digitValue, END } from './character-class.ts';
import type { SourceReader } from './source-reader.ts';

const SIMPLE = new Set([...'abfnrtv\\"'].map(code));
const HEXADECIMAL: ReadonlyMap<number, number> = new Map([
  [code('x'), 2],
  [code('u'), 4],
  [code('U'), 8],
]);

/** Reads what follows a backslash inside a string. */
export function scanEscape(reader: SourceReader): void {
  const rune = reader.next();
  if (SIMPLE.has(rune)) return;
  const digits = HEXADECIMAL.get(rune);
  if (digits !== undefined) scanDigits(reader, reader.next(), 16, digits);
  else if (digitValue(rune) < 8) scanDigits(reader, rune, 8, 3);
  else reader.complain('illegal char escape');
}

function scanDigits(reader: SourceReader, first: number, base: number, count: number): void {
  let rune = first;
  let left = count;
  while (left > 0 && digitValue(rune) < base) {
    rune = reader.next();
    // The HCL scanner gives up at the end before it counts the digit; the JSON scanner counts it.
    if (reader.syntax === 'hcl' && rune === END) break;
    left -= 1;
  }
  if (left > 0) reader.complain('illegal char escape');
  // The JSON scanner puts back whatever it read, which kills it when that was the end of the text.
  if (reader.syntax === 'json' || (left !== count && rune !== END)) reader.unread();
}
