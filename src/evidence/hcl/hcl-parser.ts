import type { ByteText } from './byte-text.ts';
import { HclScanner } from './hcl-scanner.ts';
import { quote } from './quote.ts';
import { Rejection, rejectAt } from './rejection.ts';
import {
  type ListType,
  MAX_NESTING,
  type ObjectItem,
  type ObjectList,
  type ObjectType,
  type ValueNode,
} from './syntax-tree.ts';
import { printToken, type Token, type TokenType } from './token.ts';

const LITERALS: readonly TokenType[] = ['NUMBER', 'FLOAT', 'BOOL', 'STRING', 'HEREDOC'];
const START: Token = { type: 'EOF', text: '', at: { line: 0, column: 0 }, shown: undefined, json: false };

/** An item, or that the text ended where one was expected, which the library takes for the end of the object. */
type MaybeItem = ObjectItem | 'end';

/** What older releases of the library reject: setting an argument twice. */
export type Duplicates = 'allowed' | 'rejected';

/** Parses HCL. Throws a `Rejection`; a scanner's complaint outranks what the parser makes of it. */
export function parseHcl(bytes: ByteText, duplicates: Duplicates = 'allowed'): ObjectList {
  const scanner = new HclScanner(bytes.replaceAll('\r\n', '\n'));
  const parser = new HclParser(scanner, duplicates);
  try {
    const list = parser.objectList('file');
    if (!scanner.complaint) return list;
  } catch (cause) {
    if (!scanner.complaint || !(cause instanceof Rejection) || cause.how === 'panic') throw cause;
  }
  throw rejectAt(scanner.complaint.place, scanner.complaint.message);
}

class HclParser {
  readonly #scanner: HclScanner;
  readonly #duplicates: Duplicates;
  #token = START;
  #buffered = false;
  #depth = 0;

  constructor(scanner: HclScanner, duplicates: Duplicates) {
    this.#scanner = scanner;
    this.#duplicates = duplicates;
  }

  objectList(within: 'file' | 'braces'): ObjectList {
    const items: ObjectItem[] = [];
    const seen = new Set<ByteText>();
    for (;;) {
      if (within === 'braces' && this.#peek().type === 'RBRACE') break;
      const item = this.#objectItem();
      if (item === 'end') break;
      if (this.#duplicates === 'rejected' && item.assigned) for (const key of item.keys) refuseSecond(key, seen);
      items.push(item);
      if (this.#peek().type === 'COMMA') this.#scan();
    }
    return { type: 'ObjectList', items };
  }

  #objectItem(): MaybeItem {
    const keys: Token[] = [];
    const stop = this.#keys(keys);
    if (stop === 'end' && keys.length === 0) return 'end';
    if (stop instanceof Rejection && !(keys.length > 0 && this.#token.type === 'RBRACE')) throw stop;
    const sign = stop === 'value' ? this.#token : undefined;
    if (!sign) {
      const names = keys.map((key) => key.text).join(' ');
      throw rejectAt(this.#token.at, `key '${names}' expected start of object ('{') or assignment ('=')`);
    }
    const assigned = sign.type === 'ASSIGN';
    const value = assigned ? this.#value() : this.#objectType();
    if (value === 'end') return 'end';
    this.#peek();
    return { type: 'ObjectItem', keys, value, assigned };
  }

  /** Collects keys up to the `=` or `{` that ends them, which is then the current token. */
  #keys(keys: Token[]): 'value' | 'end' | Rejection {
    const seen = new Set<ByteText>();
    for (;;) {
      const token = this.#scan();
      switch (token.type) {
        case 'EOF':
          return 'end';
        case 'ASSIGN':
          if (keys.length > 1) throw rejectAt(token.at, 'nested object expected: LBRACE got: ASSIGN');
          if (keys.length === 0) throw rejectAt(token.at, 'no object keys found!');
          return 'value';
        case 'LBRACE':
          if (keys.length === 0) throw rejectAt(token.at, 'expected: IDENT | STRING got: LBRACE');
          return 'value';
        case 'IDENT':
        case 'STRING':
          if (this.#duplicates === 'rejected') refuseSecond(token, seen);
          keys.push(token);
          break;
        case 'ILLEGAL':
          return rejectAt(token.at, 'illegal character');
        default:
          return rejectAt(token.at, `expected: IDENT | STRING | ASSIGN | LBRACE got: ${token.type}`);
      }
    }
  }

  #value(): ValueNode | 'end' {
    const token = this.#scan();
    if (LITERALS.includes(token.type)) return { type: 'LiteralType', token };
    if (token.type === 'LBRACE') return this.#objectType();
    if (token.type === 'LBRACK') return this.#listType();
    if (token.type === 'EOF') return 'end';
    throw rejectAt(token.at, `Unknown token: ${printToken(token)}`);
  }

  #objectType(): ObjectType {
    const at = this.#enter();
    const list = this.objectList('braces');
    const closing = this.#scan();
    if (closing.type !== 'RBRACE') {
      throw rejectAt(closing.at, `object expected closing RBRACE got: ${closing.type}`);
    }
    this.#depth -= 1;
    return { type: 'ObjectType', list, at, shown: at };
  }

  #listType(): ListType {
    const at = this.#enter();
    const elements: ValueNode[] = [];
    let commaNeeded = false;
    for (;;) {
      const token = this.#scan();
      if (commaNeeded && token.type !== 'COMMA' && token.type !== 'RBRACK') {
        throw rejectAt(token.at, `error parsing list, expected comma or list end, got: ${token.type}`);
      }
      if (token.type === 'RBRACK') break;
      if (token.type === 'COMMA') {
        this.#peek();
        commaNeeded = false;
      } else {
        elements.push(this.#element(token));
        // A list inside a list needs no comma after it.
        commaNeeded = token.type !== 'LBRACK';
      }
    }
    this.#depth -= 1;
    return { type: 'ListType', elements, at, shown: at };
  }

  #element(token: Token): ValueNode {
    if (LITERALS.includes(token.type)) return { type: 'LiteralType', token };
    if (token.type !== 'LBRACE' && token.type !== 'LBRACK') {
      throw rejectAt(token.at, `unexpected token while parsing list: ${token.type}`);
    }
    try {
      return token.type === 'LBRACE' ? this.#objectType() : this.#listType();
    } catch (cause) {
      if (!(cause instanceof Rejection) || cause.how === 'panic') throw cause;
      const what = token.type === 'LBRACE' ? 'object' : 'list';
      throw rejectAt(token.at, `error while trying to parse ${what} within list: ${cause.bytes}`);
    }
  }

  #enter(): Token['at'] {
    this.#depth += 1;
    const { at } = this.#token;
    if (this.#depth > MAX_NESTING) throw rejectAt(at, `nested more than ${MAX_NESTING} levels deep`);
    return at;
  }

  #scan(): Token {
    if (this.#buffered) this.#buffered = false;
    else {
      do this.#token = this.#scanner.scan();
      while (this.#token.type === 'COMMENT');
    }
    return this.#token;
  }

  #peek(): Token {
    const token = this.#scan();
    this.#buffered = true;
    return token;
  }
}

function refuseSecond(key: Token, seen: Set<ByteText>): void {
  if (seen.has(key.text)) {
    const where = `${key.at.line}:${key.at.column}`;
    const message = `The argument ${quote(key.text)} at ${where} was already set. Each argument can only be defined once`;
    throw new Rejection(message, key.at);
  }
  seen.add(key.text);
}
