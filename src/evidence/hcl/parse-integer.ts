import type { ByteText } from './byte-text.ts';
import { digitValue } from './character-class.ts';
import { quote } from './quote.ts';

const LIMIT = 2n ** 63n;
const OVERFLOW = 2n ** 64n;

export type Integer = { readonly value: bigint } | { readonly error: ByteText };

/** A 64-bit integer whose base its prefix tells: `0x`, `0o`, `0b`, `0`, none; `_` may separate digits. */
export function parseInteger(text: ByteText): Integer {
  const fail = (because: string): Integer => ({ error: `strconv.ParseInt: parsing ${quote(text)}: ${because}` });
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(sign.length);
  if (unsigned === '') return fail('invalid syntax');
  const { base, digits } = splitBase(unsigned);
  let value = 0n;
  for (const digit of digits) {
    if (digit === '_') continue;
    const amount = digitValue(digit.charCodeAt(0));
    if (amount >= base) return fail('invalid syntax');
    value = value * BigInt(base) + BigInt(amount);
    if (value >= OVERFLOW) return fail('value out of range');
  }
  if (digits.includes('_') && !underscoresSeparate(unsigned)) return fail('invalid syntax');
  if (value > LIMIT || (value === LIMIT && sign !== '-')) return fail('value out of range');
  return { value: sign === '-' ? -value : value };
}

function splitBase(unsigned: ByteText): { base: number; digits: ByteText } {
  if (!unsigned.startsWith('0')) return { base: 10, digits: unsigned };
  const mark = unsigned.length >= 3 ? (unsigned[1] ?? '').toLowerCase() : '';
  const base = mark === 'x' ? 16 : mark === 'o' ? 8 : mark === 'b' ? 2 : undefined;
  return base === undefined ? { base: 8, digits: unsigned.slice(1) } : { base, digits: unsigned.slice(2) };
}

/** Underscores stand between digits, or between the base's prefix and a digit. */
function underscoresSeparate(unsigned: ByteText): boolean {
  return /^(0[xX](_?[0-9a-fA-F])*|0[bBoO](_?[0-9])*|[0-9](_?[0-9])*)$/.test(unsigned);
}
