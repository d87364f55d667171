/** HAProxy reads no more words than this from a line (MAX_LINE_ARGS). */
const MAX_WORDS = 64;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  [' ', ' '],
  ['\\', '\\'],
  ['#', '#'],
  ['"', '"'],
  ["'", "'"],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Splits a line of haproxy.cfg into words as HAProxy does: blanks separate, `#` outside quotes ends the line even
 * inside a word, quotes may begin and end within a word, a backslash escapes outside single quotes and stays where
 * it escapes nothing. Environment variables are left as they are written: their values are not in the text.
 */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote !== undefined && char === quote) {
      quote = undefined;
    } else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else if (quote === undefined && char === '#') {
      break;
    } else if (quote === undefined && isBlank(char)) {
      if (word !== undefined) words.push(word);
      if (words.length >= MAX_WORDS) return words;
      word = undefined;
    } else if (char === '\\' && quote !== "'") {
      const escaped = escapeAt(line, at, quote);
      word = (word ?? '') + escaped.text;
      at += escaped.length - 1;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n' || char === '\v' || char === '\f';
}

function escapeAt(line: string, at: number, quote: '"' | "'" | undefined): { text: string; length: number } {
  const next = line.charAt(at + 1);
  const hex = line.slice(at + 2, at + 4);
  if (next === 'x' && /^[0-9A-Fa-f]{2}$/.test(hex)) {
    return { text: String.fromCharCode(Number.parseInt(hex, 16)), length: 4 };
  }
  if (next === '$' && quote === '"') return { text: '$', length: 2 };
  const text = ESCAPES.get(next);
  return text === undefined ? { text: '\\', length: 1 } : { text, length: 2 };
}
