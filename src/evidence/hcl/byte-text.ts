import { Buffer } from 'node:buffer';

/**
 * A text held byte for byte: every character stands for one byte. The library that spiffe-helper reads its
 * configuration with works on bytes, lets values hold any of them, and cuts tokens at byte offsets.
 */
export type ByteText = string;

export function bytesOfText(text: string): ByteText {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text for people; bytes that are not UTF-8 become U+FFFD. */
export function textOfBytes(bytes: ByteText): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export function encodeRune(rune: number): ByteText {
  const valid = rune <= 0x10ffff && (rune < 0xd800 || rune > 0xdfff) ? rune : RUNE_ERROR;
  return bytesOfText(String.fromCodePoint(valid));
}

/** U+FFFD: what a byte decodes to that begins no UTF-8 sequence. */
export const RUNE_ERROR = 0xfffd;

export interface DecodedRune {
  readonly rune: number;
  /** Bytes taken; 1 for an invalid byte, 0 at the end. */
  readonly size: number;
}

const INVALID: DecodedRune = { rune: RUNE_ERROR, size: 1 };

/** One UTF-8 sequence; surrogates, overlong forms and cut-off sequences are invalid bytes, one at a time. */
export function decodeRune(bytes: ByteText, offset: number): DecodedRune {
  if (offset >= bytes.length) return { rune: RUNE_ERROR, size: 0 };
  const first = bytes.charCodeAt(offset);
  if (first < 0x80) return { rune: first, size: 1 };
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || offset + size > bytes.length) return INVALID;
  let rune = first & (size === 2 ? 0x1f : size === 3 ? 0x0f : 0x07);
  for (let index = 1; index < size; index += 1) {
    const next = bytes.charCodeAt(offset + index);
    if ((next & 0xc0) !== 0x80) return INVALID;
    rune = (rune << 6) | (next & 0x3f);
  }
  const least = size === 2 ? 0x80 : size === 3 ? 0x800 : 0x10000;
  const outside = rune < least || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff);
  return outside ? INVALID : { rune, size };
}
