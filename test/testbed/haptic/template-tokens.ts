/** A template that does not parse, or that refuses: its words are what the controller reports. */
export class TemplateError extends Error {}

/** `text` is copied; `print` shows a value; `do` decides or assigns. */
export interface Segment {
  readonly kind: 'text' | 'print' | 'do';
  readonly text: string;
}

export type Token =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'word' | 'sign'; readonly value: string };

/** Splits a template at its marks; `-` beside a mark swallows the white space there. */
export function segmentsOf(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  const mark = /\{%(-?)([\s\S]*?)(-?)%\}|\{\{(-?)([\s\S]*?)(-?)\}\}|\{#(-?)[\s\S]*?(-?)#\}/g;
  let from = 0;
  let swallow = false;
  const put = (text: string, before: boolean) => {
    const left = swallow ? text.trimStart() : text;
    segments.push({ kind: 'text', text: before ? left.trimEnd() : left });
  };
  for (const match of template.matchAll(mark)) {
    put(template.slice(from, match.index), [match[1], match[4], match[7]].includes('-'));
    swallow = [match[3], match[6], match[8]].includes('-');
    from = match.index + match[0].length;
    if (match[2] !== undefined) segments.push({ kind: 'do', text: match[2] });
    if (match[5] !== undefined) segments.push({ kind: 'print', text: match[5] });
  }
  put(template.slice(from), false);
  return segments;
}

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const token = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(\d+)|([A-Za-z_]\w*)|(==|!=|&&|\|\||<=|>=|:=|[-+|()[\]{}.,=!<>:]))/y;
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match)
      throw new TemplateError(`syntax error: unexpected ${JSON.stringify(text.slice(at).trim().slice(0, 20))}`);
    const [, quoted, number, word, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: 'string', value: unquoted(quoted) });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
  }
  return tokens;
}

function unquoted(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new TemplateError(`syntax error: ${literal} is no string`);
  }
}
