import type { ByteText } from './byte-text.ts';
import { parseInteger } from './parse-integer.ts';
import { type Place, Rejection, rejectAt } from './rejection.ts';
import { actualPlace, type SyntaxNode, shownPlace } from './syntax-tree.ts';
import type { Token } from './token.ts';
import { textValue } from './token-value.ts';

interface Scalar {
  readonly value: boolean | bigint | ByteText;
  readonly at: Place;
}

/** One literal as a boolean, integer or text, with the conversions that the library allows. Throws a `Rejection`. */
export function decodeScalar(name: string, node: SyntaxNode, kind: 'bool' | 'int' | 'string'): Scalar {
  const value = node.type === 'LiteralType' ? convert(node.token, kind) : undefined;
  if (node.type === 'LiteralType' && value !== undefined) return { value, at: node.token.at };
  const what = kind === 'string' ? 'unknown type for string' : 'unknown type';
  throw rejectAt(shownPlace(node), `${name}: ${what} *ast.${node.type}`, actualPlace(node));
}

/** Undefined when the library knows no way from this token to that kind. */
function convert(token: Token, kind: 'bool' | 'int' | 'string'): boolean | bigint | ByteText | undefined {
  const { type, text } = token;
  if (kind === 'bool') return type === 'BOOL' ? text === 'true' : undefined;
  if (type === 'NUMBER') return kind === 'int' ? integer(text, token) : text;
  if (type === 'STRING') return kind === 'int' ? integer(textValue(token), token) : textValue(token);
  return type === 'HEREDOC' && kind === 'string' ? textValue(token) : undefined;
}

function integer(text: ByteText, token: Token): bigint {
  const parsed = parseInteger(text);
  if ('error' in parsed) throw new Rejection(parsed.error, token.at);
  return parsed.value;
}
