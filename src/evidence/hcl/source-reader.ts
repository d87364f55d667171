import { type ByteText, decodeRune, RUNE_ERROR } from './byte-text.ts';
import { END } from './character-class.ts';
import { type Place, Rejection } from './rejection.ts';

const RESERVED = 0xe123;
const UNREAD_AT_END = 'bytes.Buffer: UnreadRune: previous operation was not a successful ReadRune';

/** What a scanner complained about; scanning goes on, and the last complaint is the one that is reported. */
export interface Complaint {
  readonly place: Place;
  readonly message: ByteText;
}

/**
 * Reads a text rune by rune and keeps the position as the library counts it. The two syntaxes differ in what they
 * complain about, and in what position an invalid byte leaves to go back to.
 */
export class SourceReader {
  readonly bytes: ByteText;
  readonly syntax: 'hcl' | 'json';
  /** Offset as the library counts it; after an invalid byte in JSON it may lag behind what was read. */
  offset = 0;
  complaint: Complaint | undefined;
  #line = 1;
  #column = 0;
  #lastLineLength = 0;
  #lastSize = 0;
  #read = 0;
  #canUnread = 0;
  #before = { offset: 0, line: 1, column: 0 };

  constructor(bytes: ByteText, syntax: 'hcl' | 'json') {
    this.bytes = bytes;
    this.syntax = syntax;
  }

  /** Offset of the rune read last. */
  get lastOffset(): number {
    return this.offset - this.#lastSize;
  }

  /** Changes whenever the position does, also when the end is read once more. */
  get position(): string {
    return `${this.offset} ${this.#line} ${this.#column}`;
  }

  next(): number {
    const { rune, size } = decodeRune(this.bytes, this.#read);
    this.#canUnread = size;
    this.#read += size;
    const invalid = rune === RUNE_ERROR && size === 1;
    if (size > 0 && !(invalid && this.syntax === 'json')) {
      this.#before = { offset: this.offset, line: this.#line, column: this.#column };
    }
    this.#column += 1;
    this.offset += size;
    this.#lastSize = size;
    if (size === 0) return END;
    if (invalid) {
      this.complain('illegal UTF-8 encoding');
      return rune;
    }
    if (rune === 0x0a) {
      this.#line += 1;
      this.#lastLineLength = this.#column;
      this.#column = 0;
    }
    return this.syntax === 'hcl' ? this.#forbidden(rune) : rune;
  }

  #forbidden(rune: number): number {
    if (rune === END) this.complain('unexpected null character (0x00)');
    if (rune !== RESERVED) return rune;
    this.complain('unicode code point U+E123 reserved for internal use');
    return RUNE_ERROR;
  }

  /** Puts the rune read last back; the library dies when the end was read last. */
  unread(): void {
    if (this.#canUnread === 0) throw new Rejection(UNREAD_AT_END, this.recentPlace(), 'panic');
    this.#read -= this.#canUnread;
    this.#canUnread = 0;
    this.offset = this.#before.offset;
    this.#line = this.#before.line;
    this.#column = this.#before.column;
  }

  peek(): number {
    this.#canUnread = 0;
    const { rune, size } = decodeRune(this.bytes, this.#read);
    return size === 0 ? END : rune;
  }

  /** Where the rune read last stands. */
  recentPlace(): Place {
    if (this.#column > 0) return { line: this.#line, column: this.#column };
    if (this.#lastLineLength > 0) return { line: this.#line - 1, column: this.#lastLineLength };
    return { line: 1, column: 1 };
  }

  complain(message: ByteText): void {
    this.complaint = { place: this.recentPlace(), message };
  }
}
