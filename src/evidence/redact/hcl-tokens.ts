/** A stretch of an HCL text. Together the tokens of a text are the text. */
export interface HclToken {
  readonly kind: 'space' | 'comment' | 'string' | 'heredoc' | 'word' | 'punctuation';
  readonly text: string;
}

type Pattern = readonly [HclToken['kind'], RegExp];

const HCL: readonly Pattern[] = [
  ['space', /[\s]+/y],
  ['comment', /(?:#|\/\/)[^\n]*/y],
  ['comment', /\/\*[\s\S]*?(?:\*\/|$)/y],
  // Only inside `${}` may a string go over several lines; an unclosed one ends with its line.
  ['string', /"(?:\\[\s\S]|\$\{[^}]*\}|[^"\\\n])*"?/y],
  ['heredoc', /<<-?([A-Za-z_][\w.-]*)\r?\n(?:(?:[\s\S]*?\n)??[ \t]*\1(?=\r?\n|$)|[\s\S]*$)/y],
  ['word', /[^\s"#/{}[\]()=,:;<]+/y],
];

/** JSON has no interpolation. */
const JSON_PATTERNS: readonly Pattern[] = HCL.map(([kind, pattern]) =>
  kind === 'string' ? [kind, /"(?:\\[\s\S]|[^"\\\n])*"?/y] : [kind, pattern],
);

/** Cuts a text into tokens whether or not it is HCL; for texts that must be reduced before they may be parsed. */
export function hclTokens(text: string): readonly HclToken[] {
  const patterns = /^\s*\{/.test(text) ? JSON_PATTERNS : HCL;
  const tokens: HclToken[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at, patterns);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number, patterns: readonly Pattern[]): HclToken {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { kind, text: match[0] };
  }
  return { kind: 'punctuation', text: text.charAt(at) };
}
