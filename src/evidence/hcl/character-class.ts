/** Marks the end of the text, and any NUL in it. */
export const END = 0;

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;

export function isLetter(rune: number): boolean {
  if (rune < 0x80) return (rune >= 0x61 && rune <= 0x7a) || (rune >= 0x41 && rune <= 0x5a) || rune === 0x5f;
  return LETTER.test(String.fromCodePoint(rune));
}

export function isDigit(rune: number): boolean {
  return isDecimal(rune) || (rune >= 0x80 && DIGIT.test(String.fromCodePoint(rune)));
}

export function isDecimal(rune: number): boolean {
  return rune >= 0x30 && rune <= 0x39;
}

/** Value of a hexadecimal digit; 16 for anything else. */
export function digitValue(rune: number): number {
  if (isDecimal(rune)) return rune - 0x30;
  if (rune >= 0x61 && rune <= 0x66) return rune - 0x61 + 10;
  if (rune >= 0x41 && rune <= 0x46) return rune - 0x41 + 10;
  return 16;
}

export function isBlank(rune: number): boolean {
  return rune === 0x20 || rune === 0x09 || rune === 0x0a || rune === 0x0d;
}

export function code(character: string): number {
  return character.charCodeAt(0);
}
