import type { ByteText } from './byte-text.ts';
import { flattenObjects } from './flatten.ts';
import { JsonScanner } from './json-scanner.ts';
import { Rejection } from './rejection.ts';
import {
  type ListType,
  MAX_NESTING,
  type ObjectItem,
  type ObjectList,
  type ObjectType,
  type ValueNode,
} from './syntax-tree.ts';
import { printToken, type Token } from './token.ts';

const START: Token = { type: 'EOF', text: '', at: { line: 0, column: 0 }, shown: undefined, json: false };

type MaybeItem = ObjectItem | 'end';

/**
 * Parses JSON as the library does: lists drop booleans and inner brackets, an object ends where no comma follows, the
 * end of the text ends everything. Throws a `Rejection`.
 */
export function parseJson(bytes: ByteText): ObjectList {
  const scanner = new JsonScanner(bytes);
  const parser = new JsonParser(scanner);
  let list: ObjectList | undefined;
  try {
    list = parser.root();
  } catch (cause) {
    if (!scanner.complaint || !(cause instanceof Rejection) || cause.how === 'panic') throw cause;
  }
  if (scanner.complaint) {
    const { place, message } = scanner.complaint;
    throw new Rejection(`${place.line}:${place.column}: ${message}`, place);
  }
  return flattenObjects(list ?? { type: 'ObjectList', items: [] });
}

class JsonParser {
  readonly #scanner: JsonScanner;
  #token = START;
  #depth = 0;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  root(): ObjectList {
    const token = this.#scan();
    if (token.type === 'LBRACE') return this.#objectType().list;
    throw this.#reject(
      token.type === 'EOF' ? 'EOF token found' : `Expected object, got unknown token: ${printToken(token)}`,
    );
  }

  #objectType(): ObjectType {
    const { at } = this.#token;
    this.#enter();
    const items: ObjectItem[] = [];
    try {
      this.#objectList(items);
    } catch (cause) {
      // Whatever is wrong just before a closing brace is left out without a word.
      if (!(cause instanceof Rejection) || cause.how === 'panic' || this.#token.type !== 'RBRACE') throw cause;
    }
    this.#depth -= 1;
    return { type: 'ObjectType', list: { type: 'ObjectList', items }, at, shown: undefined };
  }

  #objectList(items: ObjectItem[]): void {
    do {
      const item = this.#objectItem();
      if (item === 'end') return;
      items.push(item);
    } while (this.#scan().type === 'COMMA');
  }

  #objectItem(): MaybeItem {
    const keys: Token[] = [];
    for (let token = this.#scan(); token.type !== 'COLON' || keys.length === 0; token = this.#scan()) {
      if (token.type === 'EOF') return 'end';
      if (token.type === 'ILLEGAL') throw this.#reject('illegal');
      if (token.type !== 'STRING') throw this.#reject(`expected: STRING got: ${token.type}`);
      keys.push(token);
    }
    const value = this.#value();
    return value === 'end' ? 'end' : { type: 'ObjectItem', keys, value, assigned: true };
  }

  #value(): ValueNode | 'end' {
    const token = this.#scan();
    switch (token.type) {
      case 'NUMBER':
      case 'FLOAT':
      case 'BOOL':
      case 'STRING':
        return { type: 'LiteralType', token };
      case 'NULL':
        return { type: 'LiteralType', token: { ...token, type: 'STRING', text: '' } };
      case 'LBRACE':
        return this.#objectType();
      case 'LBRACK':
        return this.#listType();
      case 'EOF':
        return 'end';
      default:
        throw this.#reject(`Expected object value, got unknown token: ${printToken(token)}`);
    }
  }

  #listType(): ListType {
    const { at } = this.#token;
    const elements: ValueNode[] = [];
    for (let token = this.#scan(); token.type !== 'RBRACK'; token = this.#scan()) {
      switch (token.type) {
        case 'NUMBER':
        case 'FLOAT':
        case 'STRING':
          elements.push({ type: 'LiteralType', token });
          break;
        case 'LBRACE':
          elements.push(this.#objectType());
          break;
        case 'COMMA':
        case 'BOOL':
        case 'LBRACK':
          break;
        default:
          throw this.#reject(`unexpected token while parsing list: ${token.type}`);
      }
    }
    return { type: 'ListType', elements, at, shown: undefined };
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.#reject(`nested more than ${MAX_NESTING} levels deep`);
  }

  #reject(message: ByteText): Rejection {
    return new Rejection(message, this.#token.at);
  }

  #scan(): Token {
    this.#token = this.#scanner.scan();
    return this.#token;
  }
}
