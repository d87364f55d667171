import type { Editable, EditableObject } from '../../../scenario/field-edit.ts';
import { listKindAt } from '../lists.ts';
import { isMap } from '../metadata.ts';
import { badRequest } from '../status.ts';
import { inOrder, itemsOf, mapsOf, mergedSet } from './merge-lists.ts';

const ORDER = '$setElementOrder/';
const DELETIONS = '$deleteFromPrimitiveList/';

/** An object of a built-in kind after a strategic merge patch. Throws a 400 on an item without its merge key. */
export function strategicallyMerged(document: EditableObject, patch: EditableObject): EditableObject {
  return mergeMap(structuredClone(document), patch, [], String(document.kind));
}

function mergeMap(
  document: EditableObject,
  patch: EditableObject,
  path: readonly string[],
  kind: string,
): EditableObject {
  if (patch.$patch === 'delete') return {};
  const merged = patch.$patch === 'replace' ? {} : { ...document };
  const retained = patch.$retainKeys;
  if (Array.isArray(retained)) for (const key of Object.keys(merged)) if (!retained.includes(key)) delete merged[key];
  const listsToOrder = new Set<string>();
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '$retainKeys') continue;
    if (key.startsWith('$')) {
      listsToOrder.add(key.slice(key.indexOf('/') + 1));
    } else if (value === null) delete merged[key];
    else if (isMap(value)) {
      const below = merged[key];
      merged[key] = mergeMap(isMap(below) ? below : {}, value, [...path, key], kind);
    } else if (Array.isArray(value)) listsToOrder.add(key);
    else merged[key] = value;
  }
  for (const key of listsToOrder) {
    const list = mergeList(merged[key], patch, key, [...path, key], kind);
    if (list.length > 0 || patch[key] !== undefined) merged[key] = list;
    else delete merged[key];
  }
  return merged;
}

function mergeList(
  before: Editable | undefined,
  patch: EditableObject,
  key: string,
  path: readonly string[],
  kind: string,
): Editable[] {
  const how = listKindAt(kind, false, path);
  const patched = itemsOf(patch[key]);
  const order = patch[`${ORDER}${key}`];
  if (how.merge === 'set') {
    const sorted = Array.isArray(order) ? order : undefined;
    return mergedSet(itemsOf(before), patched, itemsOf(patch[`${DELETIONS}${key}`]), sorted);
  }
  if (how.merge === 'atomic') return structuredClone([...(patch[key] === undefined ? itemsOf(before) : patched)]);
  const items = mapsOf(patch[key]);
  const isReplaced = items.some((item) => item.$patch === 'replace' && item[how.patchKey] === undefined);
  const old = isReplaced ? [] : mapsOf(before);
  const identity = (item: EditableObject) => {
    const value = item[how.patchKey];
    if (value === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${how.patchKey}`);
    }
    return JSON.stringify(value);
  };
  const merged = new Map<string, Editable>(old.map((item) => [identity(item), item]));
  for (const item of items) {
    if (isReplaced && item.$patch === 'replace' && item[how.patchKey] === undefined) continue;
    const id = identity(item);
    const there = merged.get(id);
    if (item.$patch === 'delete') merged.delete(id);
    else merged.set(id, mergeMap(isMap(there) ? there : {}, item, path, kind));
  }
  const asked = Array.isArray(order) ? mapsOf(order) : items.filter((item) => item[how.patchKey] !== undefined);
  return inOrder(merged, asked.map(identity), old.map(identity));
}
