/** So many characters in a row are found wherever a multiple of `STRIDE` begins them: a leak of 27 or more is. */
const WINDOW = 24;
const STRIDE = 4;
/** Base of the rolling hash, and its power that goes with the oldest character of a window. */
const BASE = 0x01000193;
const OLDEST = power(BASE, WINDOW - 1);

/** Looks for pieces of secrets, ASCII, in megabytes of text. */
export class WindowSearch {
  readonly #windows = new Map<string, number>();
  /** A bit for every 22-bit hash that a window has: most places of a text need no window cut out of it. */
  readonly #hashes = new Uint8Array(1 << 19);

  /** Whatever belongs to one secret is added under one number. */
  add(secret: string, number: number): void {
    for (let at = 0; at + WINDOW <= secret.length; at += STRIDE) {
      const window = secret.slice(at, at + WINDOW);
      this.#windows.set(window, number);
      const bit = hashOf(Buffer.from(window, 'latin1')) >>> 10;
      this.#hashes[bit >>> 3] = (this.#hashes[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  /** Numbers of the secrets of which a piece stands in the text. */
  find(text: string): readonly number[] {
    const found = new Set<number>();
    const characters = Buffer.from(text, 'latin1');
    let hash = hashOf(characters.subarray(0, WINDOW));
    for (let at = 0; at + WINDOW <= characters.length; at++) {
      const bit = hash >>> 10;
      if (((this.#hashes[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0) {
        const number = this.#windows.get(text.slice(at, at + WINDOW));
        if (number !== undefined) found.add(number);
      }
      const without = hash - Math.imul(characters[at] ?? 0, OLDEST);
      hash = (Math.imul(without, BASE) + (characters[at + WINDOW] ?? 0)) | 0;
    }
    return [...found];
  }
}

/** Of all characters of a window, modulo 2^32; its upper bits are the better ones. */
function hashOf(window: Uint8Array): number {
  return window.reduce((hash, character) => (Math.imul(hash, BASE) + character) | 0, 0);
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let times = 0; times < exponent; times++) result = Math.imul(result, base);
  return result;
}
