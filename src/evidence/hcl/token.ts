import type { ByteText } from './byte-text.ts';
import { type Place, printPlace } from './rejection.ts';

/** Names of token types are printed in messages. `NULL` and `COLON` occur in JSON only. */
export type TokenType =
  | 'ILLEGAL'
  | 'EOF'
  | 'COMMENT'
  | 'IDENT'
  | 'NUMBER'
  | 'FLOAT'
  | 'BOOL'
  | 'STRING'
  | 'NULL'
  | 'HEREDOC'
  | 'LBRACK'
  | 'LBRACE'
  | 'COMMA'
  | 'PERIOD'
  | 'COLON'
  | 'RBRACK'
  | 'RBRACE'
  | 'ASSIGN'
  | 'ADD'
  | 'SUB';

export interface Token {
  readonly type: TokenType;
  /** As written, with its quotes. */
  readonly text: ByteText;
  /** Where it stands. */
  readonly at: Place;
  /** The position that the library remembers: none for tokens of a JSON text. */
  readonly shown: Place | undefined;
  readonly json: boolean;
}

export function printToken(token: Token): ByteText {
  return `${printPlace(token.at)} ${token.type} ${token.text}`;
}

/** Signs that are tokens by themselves in both syntaxes. */
export const SIGNS: ReadonlyMap<number, TokenType> = new Map<number, TokenType>([
  [0x5b, 'LBRACK'],
  [0x5d, 'RBRACK'],
  [0x7b, 'LBRACE'],
  [0x7d, 'RBRACE'],
  [0x2c, 'COMMA'],
]);
