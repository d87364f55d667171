import { type ByteText, decodeRune, encodeRune, RUNE_ERROR } from './byte-text.ts';
import { digitValue } from './character-class.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const MAX_RUNE = 0x10ffff;

/** What a string token stands for; undefined where the library dies on it. `${…}` stays as it is written in HCL. */
export function unquote(text: ByteText, syntax: 'hcl' | 'json'): ByteText | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return undefined;
  const inner = text.slice(1, -1);
  if (!/[\\"$\n]/.test(inner)) return inner;
  // A brace anywhere lets a line end through to the next test, which only minds it outside `${…}`.
  if (!/[${]/.test(inner) && inner.includes('\n')) return undefined;
  if (syntax === 'hcl' && !/[\\"$]/.test(inner)) return inner;
  let value = '';
  for (let offset = 0; offset < inner.length; ) {
    const part =
      syntax === 'hcl' && inner.startsWith('${', offset)
        ? interpolation(inner, offset)
        : character(inner, offset, syntax);
    if (!part) return undefined;
    value += part.value;
    offset = part.end;
  }
  return value;
}

interface Part {
  readonly value: ByteText;
  readonly end: number;
}

function interpolation(inner: ByteText, start: number): Part | undefined {
  let offset = start + 2;
  for (let braces = 1; braces > 0; ) {
    const { rune, size } = decodeRune(inner, offset);
    // A well-formed U+FFFD is refused as well: the library can't tell it from an invalid byte.
    if (rune === RUNE_ERROR) return undefined;
    offset += size;
    if (rune === 0x7b) braces += 1;
    if (rune === 0x7d) braces -= 1;
  }
  return { value: inner.slice(start, offset), end: offset };
}

function character(inner: ByteText, offset: number, syntax: 'hcl' | 'json'): Part | undefined {
  const first = inner.charAt(offset);
  if (first === '"' || first === '\n') return undefined;
  if (first === '\\') return escaped(inner, offset + 1, syntax);
  const { rune, size } = decodeRune(inner, offset);
  return { value: rune < 0x80 ? first : encodeRune(rune), end: offset + size };
}

function escaped(inner: ByteText, offset: number, syntax: 'hcl' | 'json'): Part | undefined {
  const letter = inner.charAt(offset);
  if (Object.hasOwn(SIMPLE, letter)) return { value: SIMPLE[letter] ?? '', end: offset + 1 };
  if (Object.hasOwn(HEX_DIGITS, letter)) return hexadecimal(inner, offset + 1, HEX_DIGITS[letter] ?? 0, syntax);
  const digits = inner.slice(offset, offset + 3);
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const value = Number.parseInt(digits, 8);
  return value > 255 ? undefined : { value: String.fromCharCode(value), end: offset + 3 };
}

function hexadecimal(inner: ByteText, offset: number, count: number, syntax: 'hcl' | 'json'): Part | undefined {
  const end = offset + count;
  if (end > inner.length) return undefined;
  let value = 0;
  for (let index = offset; index < end; index += 1) {
    const digit = digitValue(inner.charCodeAt(index));
    if (digit === 16) return undefined;
    // Runes are 32-bit numbers with a sign: eight digits can make a negative one.
    value = (value << 4) | digit;
  }
  if (count === 2) return { value: String.fromCharCode(value), end };
  if (value > MAX_RUNE) return undefined;
  const surrogate = value >= 0xd800 && value <= 0xdfff;
  if (syntax === 'json' && (value < 0 || surrogate)) return undefined;
  return { value: value < 0x80 ? String.fromCharCode(value & 0xff) : encodeRune(value), end };
}
