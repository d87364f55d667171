import type { ByteText } from './byte-text.ts';
import { code, digitValue, END, isBlank, isDecimal, isDigit, isLetter } from './character-class.ts';
import { scanHeredoc } from './scan-heredoc.ts';
import { beginsExponent, scanDigitRun, scanExponent, scanNumberTail } from './scan-number.ts';
import { scanString } from './scan-string.ts';
import { type Complaint, SourceReader } from './source-reader.ts';
import { SIGNS, type Token, type TokenType } from './token.ts';

const NAME_EXTRA = [code('-'), code('.')];
const HEX_MARK = [code('x'), code('X')];

/** Splits HCL into tokens, comments included. */
export class HclScanner {
  readonly #reader: SourceReader;

  constructor(bytes: ByteText) {
    this.#reader = new SourceReader(bytes, 'hcl');
  }

  /** The last thing that was wrong. */
  get complaint(): Complaint | undefined {
    return this.#reader.complaint;
  }

  scan(): Token {
    const reader = this.#reader;
    let rune = reader.next();
    while (isBlank(rune)) rune = reader.next();
    const at = reader.recentPlace();
    const start = reader.lastOffset;
    const type = isLetter(rune) ? this.#name(start) : isDecimal(rune) ? this.#number(rune) : this.#sign(rune);
    return { type, text: reader.bytes.slice(start, reader.offset), at, shown: at, json: false };
  }

  #name(start: number): TokenType {
    const reader = this.#reader;
    let rune = reader.next();
    while (isLetter(rune) || isDigit(rune) || NAME_EXTRA.includes(rune)) rune = reader.next();
    if (rune !== END) reader.unread();
    const name = reader.bytes.slice(start, reader.offset);
    return name === 'true' || name === 'false' ? 'BOOL' : 'IDENT';
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
      case code('#'):
      case code('/'):
        this.#comment(rune);
        return 'COMMENT';
      case code('.'):
        if (!isDecimal(reader.peek())) return 'PERIOD';
        scanExponent(reader, scanDigitRun(reader, reader.peek()));
        return 'FLOAT';
      case code('<'):
        scanHeredoc(reader);
        return 'HEREDOC';
      case code('='):
        return 'ASSIGN';
      case code('+'):
        return 'ADD';
      case code('-'):
        return isDecimal(reader.peek()) ? this.#number(reader.next()) : 'SUB';
      default:
        reader.complain('illegal char');
        return 'ILLEGAL';
    }
  }

  #number(first: number): TokenType {
    const reader = this.#reader;
    if (first === code('0')) return this.#zero();
    scanDigitRun(reader, first);
    return scanNumberTail(reader, reader.next());
  }

  /** A number with a leading zero: hexadecimal, octal, or a fraction. */
  #zero(): TokenType {
    const reader = this.#reader;
    let rune = reader.next();
    if (HEX_MARK.includes(rune)) return this.#hexadecimal();
    let illegal = false;
    while (isDecimal(rune)) {
      rune = reader.next();
      // The first digit after the zero is not looked at: `08` passes here and fails when it is converted.
      if (rune === code('8') || rune === code('9')) illegal = true;
    }
    if (illegal && rune !== code('.') && !beginsExponent(rune)) reader.complain('illegal octal number');
    return scanNumberTail(reader, rune);
  }

  #hexadecimal(): TokenType {
    const reader = this.#reader;
    let rune = reader.next();
    if (digitValue(rune) === 16) reader.complain('illegal hexadecimal number');
    while (digitValue(rune) < 16) rune = reader.next();
    if (rune !== END) reader.unread();
    return 'NUMBER';
  }

  #comment(first: number): void {
    const reader = this.#reader;
    if (first === code('/') && reader.peek() === code('*')) {
      this.#blockComment();
      return;
    }
    if (first === code('/') && reader.peek() !== code('/')) {
      reader.complain("expected '/' for comment");
      return;
    }
    let rune = reader.next();
    while (rune !== code('\n') && rune !== END) rune = reader.next();
    if (rune !== END) reader.unread();
  }

  #blockComment(): void {
    const reader = this.#reader;
    reader.next();
    let before = reader.next();
    while (before !== END) {
      const rune = reader.next();
      if (before === code('*') && rune === code('/')) return;
      before = rune;
    }
    reader.complain('comment not terminated');
  }
}
