import { isDeepStrictEqual } from 'node:util';
import type { Editable, EditableObject } from '../../../scenario/field-edit.ts';
import { isMap } from '../metadata.ts';

/**
 * Puts merged items in order: `asked` (keys in the order that the patch wants) among those that only the server has.
 * A server's item goes before an asked one only when the server had both in this order; so new items come first.
 */
export function inOrder(
  merged: ReadonlyMap<string, Editable>,
  asked: readonly string[],
  before: readonly string[],
): Editable[] {
  const wanted = [...new Set(asked)].filter((key) => merged.has(key));
  const rest = before.filter((key) => merged.has(key) && !wanted.includes(key));
  const keys: string[] = [];
  while (wanted.length > 0 || rest.length > 0) {
    const [nextWanted, nextRest] = [wanted[0], rest[0]];
    if (nextWanted === undefined || nextRest === undefined) {
      keys.push(...rest.splice(0), ...wanted.splice(0));
    } else {
      const wantedAt = before.indexOf(nextWanted);
      const takesRest = wantedAt >= 0 && before.indexOf(nextRest) < wantedAt;
      keys.push(takesRest ? nextRest : nextWanted);
      (takesRest ? rest : wanted).shift();
    }
  }
  for (const key of merged.keys()) if (!keys.includes(key)) keys.push(key);
  return keys.flatMap((key) => merged.get(key) ?? []);
}

/** A list of plain values as a set: what is there, what is added, less what is deleted. */
export function mergedSet(
  before: readonly Editable[],
  added: readonly Editable[],
  deleted: readonly Editable[],
  order: readonly Editable[] | undefined,
): Editable[] {
  const text = (value: Editable) => JSON.stringify(value);
  const merged = new Map<string, Editable>();
  for (const value of [...before, ...added]) {
    if (!deleted.some((other) => isDeepStrictEqual(other, value))) merged.set(text(value), value);
  }
  return inOrder(merged, (order ?? added).map(text), before.map(text));
}

/** Lists without a form that a merge can use are empty to it. */
export function itemsOf(value: Editable | undefined): readonly Editable[] {
  return Array.isArray(value) ? value : [];
}

export function mapsOf(value: Editable | undefined): readonly EditableObject[] {
  return itemsOf(value).filter(isMap);
}
