import { code, END } from './character-class.ts';
import { scanEscape } from './scan-escape.ts';
import type { SourceReader } from './source-reader.ts';

const QUOTE = code('"');
const DOLLAR = code('$');
const OPEN = code('{');
const CLOSE = code('}');
const BACKSLASH = code('\\');
const NEWLINE = code('\n');

/**
 * Reads a string whose opening quote was read. In HCL, quotes and line ends inside `${…}` belong to the string; in JSON
 * they end it.
 */
export function scanString(reader: SourceReader): void {
  const bracesHide = reader.syntax === 'hcl';
  let braces = 0;
  for (;;) {
    const rune = reader.next();
    const outside = braces === 0 || !bracesHide;
    if (rune === END || (rune === NEWLINE && outside)) {
      reader.complain('literal not terminated');
      return;
    }
    if (rune === QUOTE && outside) return;
    if (braces === 0 && rune === DOLLAR && reader.peek() === OPEN) {
      braces = 1;
      reader.next();
    } else if (braces > 0 && rune === OPEN) braces += 1;
    if (braces > 0 && rune === CLOSE) braces -= 1;
    if (rune === BACKSLASH) scanEscape(reader);
  }
}
