import { code, END, isDigit, isLetter } from './character-class.ts';
import type { SourceReader } from './source-reader.ts';

const NEWLINE = code('\n');

/** Reads `<ANCHOR … ANCHOR` after the first `<`, up to the end of the line with the closing anchor. */
export function scanHeredoc(reader: SourceReader): void {
  const anchor = scanAnchor(reader);
  if (anchor === undefined) return;
  let lineStart = reader.offset;
  for (;;) {
    const rune = reader.next();
    if (rune === END) {
      reader.complain('heredoc not terminated');
      return;
    }
    if (rune !== NEWLINE) continue;
    if (closes(reader.bytes.slice(lineStart, reader.lastOffset), anchor)) return;
    lineStart = reader.offset;
  }
}

/** The anchor with the `-` of the indented form; undefined after a complaint. */
function scanAnchor(reader: SourceReader): string | undefined {
  if (reader.next() !== code('<')) {
    reader.complain("heredoc expected second '<', didn't see it");
    return undefined;
  }
  const start = reader.offset;
  let rune = reader.next();
  if (rune === code('-')) rune = reader.next();
  while (isLetter(rune) || isDigit(rune)) rune = reader.next();
  if (rune === END) {
    reader.complain('heredoc not terminated');
    return undefined;
  }
  if (rune === code('\r') && reader.peek() === NEWLINE) rune = reader.next();
  if (rune !== NEWLINE) {
    reader.complain('invalid characters in heredoc anchor');
    return undefined;
  }
  const anchor = reader.bytes.slice(start, reader.lastOffset);
  if (anchor === '' || anchor === '-') {
    reader.complain('zero-length heredoc anchor');
    return undefined;
  }
  return anchor;
}

/**
 * White space, the anchor, carriage returns, and nothing else. The line must be as long as the anchor including its
 * `-`, so that an indented heredoc's anchor at the left margin counts only when a carriage return follows.
 */
function closes(line: string, anchor: string): boolean {
  if (line.length < anchor.length) return false;
  const word = (anchor.startsWith('-') ? anchor.slice(1) : anchor).replace(/\r+$/, '');
  const required = anchor.endsWith('\r') ? trailingReturns(anchor) : 0;
  const returns = trailingReturns(line);
  return returns >= required && line.slice(0, line.length - returns).replace(/^[\t\n\v\f\r ]*/, '') === word;
}

function trailingReturns(line: string): number {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return line.length - end;
}
