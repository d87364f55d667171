import type { ByteText } from './byte-text.ts';
import { foldKey } from './fold.ts';
import type { Place } from './rejection.ts';
import type { ObjectItem, ObjectList } from './syntax-tree.ts';
import { textValue } from './token-value.ts';

/** The items by their first key, folded, and without it. */
export function itemsByKey(list: ObjectList): ReadonlyMap<ByteText, readonly ObjectItem[]> {
  const items = new Map<ByteText, ObjectItem[]>();
  for (const item of list.items) {
    const [first, ...keys] = item.keys;
    if (!first) continue;
    const folded = foldKey(textValue(first));
    const same = items.get(folded);
    if (same) same.push({ ...item, keys });
    else items.set(folded, [{ ...item, keys }]);
  }
  return items;
}

/**
 * Every key that some field has to take. Quoted keys of HCL are never missed, and of an item with several keys only the
 * first item's count: so it is in the library, where labels of JSON's nested objects must not be taken for keys.
 */
export function keysToTake(list: ObjectList): ReadonlyMap<ByteText, readonly Place[]> {
  const places = new Map<ByteText, Place[]>();
  for (const [index, item] of list.items.entries()) {
    if (index > 0 && item.keys.length > 1) continue;
    for (const key of item.keys) {
      if (!key.json && key.type !== 'IDENT') continue;
      const name = textValue(key);
      const known = places.get(name);
      if (known) known.push(key.at);
      else places.set(name, [key.at]);
    }
  }
  return places;
}

export function firstKeys(list: ObjectList): { key: ByteText; at: Place }[] {
  return list.items.flatMap(({ keys: [first] }) => (first ? [{ key: textValue(first), at: first.at }] : []));
}
