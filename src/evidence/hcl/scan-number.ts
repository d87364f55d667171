import { code, END, isDecimal } from './character-class.ts';
import type { SourceReader } from './source-reader.ts';

const EXPONENT = [code('e'), code('E')];
const SIGN = [code('-'), code('+')];

export function beginsExponent(rune: number): boolean {
  return EXPONENT.includes(rune);
}

/** Reads digits from `rune` on and returns the first rune that is none, which is put back if any digit was read. */
export function scanDigitRun(reader: SourceReader, rune: number): number {
  let last = rune;
  while (isDecimal(last)) last = reader.next();
  if (last !== rune && last !== END) reader.unread();
  return last;
}

/**
 * Reads what follows an `e`. A character after it that is no digit belongs to the number as far as the library is
 * concerned; it is swallowed here too.
 */
export function scanExponent(reader: SourceReader, rune: number): number {
  if (!beginsExponent(rune)) return rune;
  let next = reader.next();
  if (SIGN.includes(next)) next = reader.next();
  return scanDigitRun(reader, next);
}

/** After the digits of a number: `.` and `e` make it a FLOAT; anything else is put back. */
export function scanNumberTail(reader: SourceReader, rune: number): 'NUMBER' | 'FLOAT' {
  if (beginsExponent(rune)) {
    scanExponent(reader, rune);
    return 'FLOAT';
  }
  if (rune === code('.')) {
    const after = scanDigitRun(reader, reader.peek());
    if (beginsExponent(after)) scanExponent(reader, reader.next());
    return 'FLOAT';
  }
  if (rune !== END) reader.unread();
  return 'NUMBER';
}
