import { type ByteText, encodeRune } from './byte-text.ts';
import { code, END, isBlank, isDecimal, isDigit, isLetter } from './character-class.ts';
import { scanDigitRun, scanExponent, scanNumberTail } from './scan-number.ts';
import { scanString } from './scan-string.ts';
import { type Complaint, SourceReader } from './source-reader.ts';
import { SIGNS, type Token, type TokenType } from './token.ts';

/** Splits JSON into tokens as the library does, which is not JSON as the standard has it. */
export class JsonScanner {
  readonly #reader: SourceReader;

  constructor(bytes: ByteText) {
    this.#reader = new SourceReader(bytes, 'json');
  }

  get complaint(): Complaint | undefined {
    return this.#reader.complaint;
  }

  scan(): Token {
    const reader = this.#reader;
    let rune = reader.next();
    while (isBlank(rune)) rune = reader.next();
    const at = reader.recentPlace();
    const start = reader.lastOffset;
    const type = isLetter(rune) ? this.#word(start) : isDecimal(rune) ? this.#number(rune) : this.#sign(rune);
    return { type, text: reader.bytes.slice(start, reader.offset), at, shown: undefined, json: type === 'STRING' };
  }

  #word(start: number): TokenType {
    const reader = this.#reader;
    let rune = reader.next();
    while (isLetter(rune) || isDigit(rune) || rune === code('-')) rune = reader.next();
    if (rune !== END) reader.unread();
    const word = reader.bytes.slice(start, reader.offset);
    if (word === 'true' || word === 'false') return 'BOOL';
    if (word === 'null') return 'NULL';
    reader.complain('illegal char');
    return 'ILLEGAL';
  }

  #sign(rune: number): TokenType {
    const reader = this.#reader;
    const sign = SIGNS.get(rune);
    if (sign) return sign;
    switch (rune) {
      case END:
        return 'EOF';
      case code('"'):
        scanString(reader);
        return 'STRING';
      case code('.'):
        if (!isDecimal(reader.peek())) return 'PERIOD';
        scanExponent(reader, scanDigitRun(reader, reader.peek()));
        return 'FLOAT';
      case code(':'):
        return 'COLON';
      case code('-'):
        if (isDecimal(reader.peek())) return this.#number(reader.next());
        reader.complain('illegal char');
        return 'ILLEGAL';
      default:
        reader.complain(`illegal char: ${encodeRune(rune)}`);
        return 'ILLEGAL';
    }
  }

  #number(first: number): TokenType {
    const reader = this.#reader;
    const afterFirst = reader.position;
    scanDigitRun(reader, first);
    const type = scanNumberTail(reader, reader.next());
    if (type === 'NUMBER' && first === code('0') && reader.position !== afterFirst) {
      reader.complain('numbers cannot start with 0');
    }
    return type;
  }
}
