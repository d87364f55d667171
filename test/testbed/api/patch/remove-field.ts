import { isDeepStrictEqual } from 'node:util';
import type { Editable, EditableObject } from '../../../scenario/field-edit.ts';
import { type FieldPath, pathOf } from '../field-sets.ts';
import { itemKey } from '../lists.ts';
import { isMap } from '../metadata.ts';

/** Removes a field that nobody owns any more, and the maps that this leaves empty; in place. */
export function removeField(object: EditableObject, path: FieldPath, owned: ReadonlySet<string>): void {
  const target = path.at(-1) === '.' ? path.slice(0, -1) : path;
  if (!isOwned(target, owned) && valueAt(object, target) !== undefined) removeAt(object, target);
}

/** Somebody owns the field, or something in it. */
function isOwned(path: FieldPath, owned: ReadonlySet<string>): boolean {
  return [...owned].some((text) => {
    const other = pathOf(text);
    return path.every((element, at) => other[at] === element);
  });
}

function removeAt(object: EditableObject, path: FieldPath): void {
  const parent = valueAt(object, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) {
    const at = indexOf(parent, last);
    if (at >= 0) parent.splice(at, 1);
  } else if (isMap(parent)) delete parent[last.slice(2)];
  const isEmpty = isMap(parent) ? Object.keys(parent).length === 0 : Array.isArray(parent) && parent.length === 0;
  if (isEmpty && path.length > 2) removeAt(object, path.slice(0, -1));
}

function valueAt(object: EditableObject, path: FieldPath): Editable | undefined {
  let here: Editable | undefined = object;
  for (const element of path) {
    if (Array.isArray(here)) here = here[indexOf(here, element)];
    else here = isMap(here) ? here[element.slice(2)] : undefined;
  }
  return here;
}

function indexOf(list: readonly Editable[], element: string): number {
  if (element.startsWith('v:')) {
    const wanted = JSON.parse(element.slice(2)) as Editable;
    return list.findIndex((item) => isDeepStrictEqual(item, wanted));
  }
  const keys = Object.keys(JSON.parse(element.slice(2)) as Record<string, Editable>);
  return list.findIndex((item) => isMap(item) && itemKey(item, keys) === element);
}
