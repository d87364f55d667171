import { type ByteText, decodeRune, RUNE_ERROR } from './byte-text.ts';

const NAMED: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A text in double quotes as the library's messages show it. */
export function quote(bytes: ByteText): ByteText {
  let quoted = '"';
  for (let offset = 0; offset < bytes.length; ) {
    const { rune, size } = decodeRune(bytes, offset);
    quoted +=
      rune === RUNE_ERROR && size === 1 ? escapeByte(bytes.charCodeAt(offset)) : shown(rune, bytes, offset, size);
    offset += size;
  }
  return `${quoted}"`;
}

function shown(rune: number, bytes: ByteText, offset: number, size: number): string {
  const named = NAMED.get(rune);
  if (named) return named;
  if (PRINTABLE.test(String.fromCodePoint(rune))) return bytes.slice(offset, offset + size);
  if (rune < 0x20 || rune === 0x7f) return escapeByte(rune);
  return rune < 0x10000 ? `\\u${hexadecimal(rune, 4)}` : `\\U${hexadecimal(rune, 8)}`;
}

function escapeByte(byte: number): string {
  return `\\x${hexadecimal(byte, 2)}`;
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
