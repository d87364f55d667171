import type { ByteText } from './byte-text.ts';
import { Rejection } from './rejection.ts';
import type { Token } from './token.ts';
import { unquote } from './unquote.ts';

/** The text that an IDENT, STRING or HEREDOC stands for. Throws a `Rejection` where the library dies on it. */
export function textValue(token: Token): ByteText {
  if (token.type === 'HEREDOC') return heredocValue(token);
  if (token.type !== 'STRING' || token.text === '') return token.text;
  const value = unquote(token.text, token.json ? 'json' : 'hcl');
  if (value === undefined) throw dies(`unquote ${token.text} err: invalid syntax`, token);
  return value;
}

function heredocValue(token: Token): ByteText {
  const { text } = token;
  const opening = text.indexOf('\n');
  const body = (end: number): ByteText => {
    if (end < opening + 1) throw dies('runtime error: slice bounds out of range', token);
    return text.slice(opening + 1, end);
  };
  // The library takes the closing line to be as long as the opening one; where it isn't, the value keeps its rest.
  if (text[2] !== '-') return body(text.length - opening + 1);
  const lines = body(text.length - opening + 2).split('\n');
  const indent = lines.at(-1) ?? '';
  if (!lines.every((line) => line.startsWith(indent))) {
    return body(text.length - opening + 1).replace(/[ \t]+$/, '');
  }
  return lines.map((line, index) => (index === lines.length - 1 ? '' : line.slice(indent.length))).join('\n');
}

function dies(message: ByteText, token: Token): Rejection {
  return new Rejection(`panic: ${message}`, token.at, 'panic');
}
