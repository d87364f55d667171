/**
 * The one place where text that came from a cluster is made safe to show. What is escaped: control characters (a
 * terminal obeys them), format characters such as bidi marks and zero-widths (they make text look like other text),
 * line and paragraph separators, invisible fillers, and halves of surrogate pairs (no encoding can carry them).
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const HIDDEN_BEYOND_JSON = /[\u007f-\u009f\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** Most texts. V8 takes a millisecond to set up each of the patterns above, and then looks at every character twice. */
const PLAIN = /^[ -~]*$/;
const PLAIN_LINES = /^[\n -~]*$/;

/** True of a text that is nothing but visible ASCII and blanks. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** One line of text with everything that is not visible written out: `\n`, `\x1b`, `\u202e`, `\u{e0041}`. */
export function printable(text: string): string {
  return isPlain(text) ? text : text.replace(HIDDEN, written);
}

/** The lines of a text, each printable; tabs become two spaces so that columns stay where they are. */
export function printableLines(text: string): readonly string[] {
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', '  ')));
}

/** A JSON document whose strings hold no raw hidden character; it parses to the same value. */
export function escapeJson(document: string): string {
  if (PLAIN_LINES.test(document)) return document;
  return document.replace(HIDDEN_BEYOND_JSON, (found) => {
    let escaped = '';
    for (let unit = 0; unit < found.length; unit++) escaped += `\\u${hex(found.charCodeAt(unit), 4)}`;
    return escaped;
  });
}

/** A YAML double-quoted scalar. YAML writes characters beyond the first plane as one escape, unlike JSON. */
export function quoteYaml(text: string): string {
  return JSON.stringify(text).replace(HIDDEN_BEYOND_JSON, (found) => {
    const point = found.codePointAt(0) ?? 0;
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
  });
}

const TYPOGRAPHY: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '·': '-',
  '•': '-',
  '→': '->',
  '←': '<-',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  ' ': ' ',
};

/** For terminals that show nothing beyond ASCII: typography gets its plain twin, other characters are written out. */
export function ascii(text: string): string {
  return text.replace(/\P{ASCII}/gu, (found) => TYPOGRAPHY[found] ?? written(found));
}

function written(found: string): string {
  if (found === '\n') return '\\n';
  if (found === '\r') return '\\r';
  if (found === '\t') return '\\t';
  const point = found.codePointAt(0) ?? 0;
  if (point < 0x100) return `\\x${hex(point, 2)}`;
  return point > 0xffff ? `\\u{${hex(point, 1)}}` : `\\u${hex(point, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
