import type { Place } from './rejection.ts';
import type { Token } from './token.ts';

/** The names of the types are those that the library prints: `*ast.ObjectList`. */
export type SyntaxNode = ObjectList | ObjectItem | ObjectType | ListType | LiteralType;
export type ValueNode = ObjectType | ListType | LiteralType;

export interface ObjectList {
  readonly type: 'ObjectList';
  readonly items: readonly ObjectItem[];
}

/** `keys… = value` or `keys… { … }`. */
export interface ObjectItem {
  readonly type: 'ObjectItem';
  readonly keys: readonly Token[];
  readonly value: ValueNode;
  readonly assigned: boolean;
}

export interface ObjectType {
  readonly type: 'ObjectType';
  readonly list: ObjectList;
  readonly at: Place;
  readonly shown: Place | undefined;
}

export interface ListType {
  readonly type: 'ListType';
  readonly elements: readonly ValueNode[];
  readonly at: Place;
  readonly shown: Place | undefined;
}

interface LiteralType {
  readonly type: 'LiteralType';
  readonly token: Token;
}

/** The position that the library gives for a node: none for empty lists and for anything from JSON. */
export function shownPlace(node: SyntaxNode): Place | undefined {
  switch (node.type) {
    case 'ObjectList':
      return node.items[0]?.keys[0]?.shown;
    case 'ObjectItem':
      return node.keys[0]?.shown;
    case 'LiteralType':
      return node.token.shown;
    default:
      return node.shown;
  }
}

/** Where the node really stands; undefined for an empty list of items. */
export function actualPlace(node: SyntaxNode): Place | undefined {
  switch (node.type) {
    case 'ObjectList':
      return node.items[0]?.keys[0]?.at;
    case 'ObjectItem':
      return node.keys[0]?.at;
    case 'LiteralType':
      return node.token.at;
    default:
      return node.at;
  }
}

/** Objects and lists inside one another, at most. The library has no bound and overflows its stack far beyond it. */
export const MAX_NESTING = 1_000;
