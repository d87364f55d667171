import type { ByteText } from './byte-text.ts';
import { decodeScalar } from './decode-scalar.ts';
import { firstKeys, itemsByKey, keysToTake } from './filter-items.ts';
import { foldKey } from './fold.ts';
import { type Place, rejectAt } from './rejection.ts';
import type { FieldType, Schema } from './schema.ts';
import { actualPlace, type ObjectItem, type ObjectList, type SyntaxNode, shownPlace } from './syntax-tree.ts';

export type Decoded = DecodedScalar | DecodedList | DecodedStruct;

interface DecodedScalar {
  readonly kind: 'scalar';
  readonly value: boolean | bigint | ByteText;
  /** Where the value stands. */
  readonly at: Place;
}

interface DecodedList {
  readonly kind: 'list';
  readonly elements: readonly Decoded[];
  readonly at: Place;
}

export interface DecodedStruct {
  readonly kind: 'struct';
  readonly values: ReadonlyMap<string, Decoded>;
  /** Keys that no field took, as written, with every place where they stand. */
  readonly unused: ReadonlyMap<ByteText, readonly Place[]>;
  /** The first key of every item, in order; of a block that is written twice, those of both. */
  readonly keys: readonly { readonly key: ByteText; readonly at: Place }[];
  readonly at: Place;
}

const NOWHERE: Place = { line: 1, column: 1 };

/** Decodes a syntax tree as the library decodes into the program's structure. Throws a `Rejection`. */
export function decodeStruct(name: string, node: SyntaxNode, fields: Schema, previous?: Decoded): DecodedStruct {
  const list = membersOf(name, node);
  const toTake = keysToTake(list);
  const items = itemsByKey(list);
  const values = new Map<string, Decoded>(previous?.kind === 'struct' ? previous.values : []);
  for (const { key, type } of fields) {
    for (const source of sourcesOf(items.get(key) ?? [])) {
      values.set(key, decode(`${name}.${key}`, source, type, values.get(key)));
    }
  }
  const taken = new Set(fields.map((field) => field.key).filter((key) => items.has(key)));
  // A field takes a key only where it found something under it: a label may be called like a field.
  const unused = new Map([...toTake].filter(([written]) => !taken.has(foldKey(written))));
  const before = previous?.kind === 'struct' ? previous.keys : [];
  return { kind: 'struct', values, unused, keys: [...before, ...firstKeys(list)], at: actualPlace(node) ?? NOWHERE };
}

function decode(name: string, node: SyntaxNode, type: FieldType, previous: Decoded | undefined): Decoded {
  if (type.kind === 'struct') return decodeStruct(name, node, type.fields, previous);
  if (type.kind === 'list') return decodeList(name, node, type.of, previous);
  return { kind: 'scalar', ...decodeScalar(name, node, type.kind) };
}

/** Every occurrence appends; the elements of a block are its members, one structure each. */
function decodeList(name: string, node: SyntaxNode, of: FieldType, previous: Decoded | undefined): DecodedList {
  const elements = previous?.kind === 'list' ? [...previous.elements] : [];
  for (const [index, element] of elementsOf(node).entries()) {
    elements.push(decode(`${name}[${index}]`, of.kind === 'struct' ? expand(element) : element, of, undefined));
  }
  return { kind: 'list', elements, at: actualPlace(node) ?? NOWHERE };
}

function elementsOf(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.type === 'ObjectList') return node.items;
  if (node.type === 'ObjectType') return [node];
  if (node.type === 'ListType') return node.elements;
  throw rejectAt(shownPlace(node), `unknown slice type: *ast.${node.type}`, actualPlace(node));
}

/** `a b {…}` as an element: flattening may have made it from `a {b {…}}`, so it is undone. */
function expand(node: SyntaxNode): SyntaxNode {
  if (node.type !== 'ObjectItem' || node.keys.length !== 2) return node;
  const [outer, ...inner] = node.keys;
  if (!outer) return node;
  const at = outer.at;
  const list: ObjectList = { type: 'ObjectList', items: [{ ...node, keys: inner }] };
  return { ...node, keys: [outer], value: { type: 'ObjectType', list, at, shown: undefined } };
}

/** The labelled blocks of a field come first, all at once; then its plain values, one after the other. */
function sourcesOf(items: readonly ObjectItem[]): SyntaxNode[] {
  const labelled = items.filter((item) => item.keys.length > 0);
  const sources: SyntaxNode[] = labelled.length > 0 ? [{ type: 'ObjectList', items: labelled }] : [];
  for (const { keys, value } of items) {
    if (keys.length === 0) sources.push(value.type === 'ObjectType' ? value.list : value);
  }
  return sources;
}

function membersOf(name: string, node: SyntaxNode): ObjectList {
  const item = node.type === 'ObjectItem' ? node : undefined;
  const inner = item ? item.value : node;
  if (inner.type === 'ObjectList') return inner;
  if (inner.type === 'ObjectType') return inner.list;
  if (inner.type === 'LiteralType' && item) return { type: 'ObjectList', items: [item] };
  throw rejectAt(shownPlace(inner), `${name}: not an object type for struct (*ast.${inner.type})`, actualPlace(inner));
}
