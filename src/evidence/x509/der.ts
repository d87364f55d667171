/** DER of X.690 as far as certificates use it: definite, minimal lengths and tags of one byte. */
export interface Element {
  /** The identifier as it stands, with class and `constructed` bit: 0x30 is a SEQUENCE. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly whole: Uint8Array;
}

/** Why something isn't DER, or not what was expected in its place. Only a reader's own catch sees it. */
export class Malformed extends Error {}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;

/** Elements one after another. Every step consumes at least two bytes, so that no input is read for longer than it is. */
export class Elements {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next element, which must have this tag when one is named. */
  next(tag?: number): Element {
    const start = this.#at;
    const found = this.#byte();
    const MORE_TAG_BYTES = 0x1f;
    if ((found & MORE_TAG_BYTES) === MORE_TAG_BYTES) throw new Malformed('a tag of several bytes');
    if (tag !== undefined && found !== tag) throw new Malformed(`tag ${found} instead of ${tag}`);
    const length = this.#length();
    const from = this.#at;
    if (length > this.#bytes.length - from) throw new Malformed('an element longer than what holds it');
    this.#at = from + length;
    return {
      tag: found,
      content: this.#bytes.subarray(from, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }

  /** The next element if it has this tag. */
  optional(tag: number): Element | undefined {
    return this.#bytes[this.#at] === tag ? this.next() : undefined;
  }

  end(): void {
    if (!this.ended) throw new Malformed('something behind the last element');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Malformed('the end where an element was expected');
    this.#at += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size === 0 || size > 4) throw new Malformed('a length without end');
    let length = 0;
    for (let count = 0; count < size; count += 1) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (size - 1)) throw new Malformed('a length that is longer than it must be');
    return length;
  }
}

/** What is inside of the one element that `bytes` are. */
export function only(bytes: Uint8Array, tag: number): Element {
  const elements = new Elements(bytes);
  const element = elements.next(tag);
  elements.end();
  return element;
}

export function readBoolean({ content }: Element): boolean {
  const [value] = content;
  if (content.length !== 1 || (value !== 0 && value !== 0xff)) throw new Malformed('a boolean that is neither');
  return value === 0xff;
}

/** Numbers of the bits that are set, the first bit being 0. */
export function readBits({ content }: Element): ReadonlySet<number> {
  const [unused, ...bytes] = content;
  const last = bytes.at(-1);
  if (unused === undefined || unused > 7 || (last === undefined && unused > 0)) throw new Malformed('not a bit string');
  if (last !== undefined && (last & ((1 << unused) - 1)) !== 0) throw new Malformed('bits set that are none');
  const set = bytes.flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => [index * 8 + bit, byte & (0x80 >> bit)] as const),
  );
  return new Set(set.filter(([, value]) => value !== 0).map(([number]) => number));
}

/** `1.3.6.1.5.5.7.3.1`. Arcs may have any size: those below 2.25 are UUIDs. */
export function readObjectIdentifier({ content }: Element): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  let begins = true;
  for (const byte of content) {
    if (begins && byte === 0x80) throw new Malformed('an arc that is longer than it must be');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    begins = byte < 0x80;
    if (!begins) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first, ...rest] = arcs;
  if (!begins || first === undefined) throw new Malformed('not an object identifier');
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/** An IA5String: seven bits a character. */
export function readAscii({ content }: Element): string {
  if (content.some((byte) => byte > 0x7f)) throw new Malformed('a character that IA5String has not');
  return Buffer.from(content).toString('latin1');
}
