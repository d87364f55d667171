import { isDeepStrictEqual } from 'node:util';
import { type Editable, type EditableObject, readField } from '../../../scenario/field-edit.ts';
import type { KubeObject } from '../../seams.ts';
import { fieldName, fieldsOf, pathOf } from '../field-sets.ts';
import { resourceOfKind } from '../kinds.ts';
import { itemKey, listKindAt } from '../lists.ts';
import { isSame, type Ownership, ownershipsOf, setOwnerships } from '../managed-fields.ts';
import { isMap } from '../metadata.ts';
import { StatusError } from '../status.ts';
import { stampOf } from '../time-stamps.ts';
import { inOrder, itemsOf, mapsOf, mergedSet } from './merge-lists.ts';
import { removeField } from './remove-field.ts';

export interface Apply {
  readonly manager: string;
  readonly conflicts: 'refuse' | 'force';
  readonly subresource?: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The object, with its managedFields, after somebody applied a configuration. Throws a 409 on conflicts. */
export function applied(live: KubeObject | undefined, config: KubeObject, apply: Apply): KubeObject {
  const mine = { manager: apply.manager, operation: 'Apply', subresource: apply.subresource } as const;
  const wanted = fieldsOf(config);
  const paths = new Set(wanted.keys());
  const entry: Ownership = { ...mine, apiVersion: String(config.apiVersion), time: stampOf(apply.now), paths };
  if (!live) {
    const made = structuredClone(config);
    setOwnerships(made, [entry]);
    return made;
  }
  const present = fieldsOf(live);
  const entries = ownershipsOf(live);
  const others = entries.filter((other) => !isSame(other, mine));
  const changed = [...paths].filter((path) => !isDeepStrictEqual(present.get(path), wanted.get(path)));
  const disputed = others.flatMap((other) =>
    changed.filter((path) => other.paths.has(path)).map((path) => ({ path, other })),
  );
  const ownBefore = apply.manager === 'kubectl' ? lastApplied(live) : new Map<string, Editable>();
  const refused = disputed.filter(({ path }) => !isDeepStrictEqual(ownBefore.get(path), present.get(path)));
  if (refused.length > 0 && apply.conflicts === 'refuse') throw conflicts(refused);
  const kind = String(live.kind);
  const merged = mergeMap(live, config, [], kind, resourceOfKind(kind)?.custom ?? true);
  const own = entries.find((other) => isSame(other, mine));
  const owned = new Set(others.flatMap((other) => [...other.paths]));
  for (const path of own?.paths ?? []) if (!paths.has(path)) removeField(merged, pathOf(path), owned);
  const lost = new Set(disputed.map(({ path }) => path));
  const isSettled = own !== undefined && isDeepStrictEqual(own.paths, paths) && isDeepStrictEqual(merged, live);
  setOwnerships(merged, [
    ...others.map((other) => ({ ...other, paths: new Set([...other.paths].filter((path) => !lost.has(path))) })),
    isSettled ? own : entry,
  ]);
  return merged;
}

/** What kubectl applied from the client counts as its own, as long as it has not been changed since. */
function lastApplied(live: KubeObject): ReadonlyMap<string, Editable> {
  const text = readField(live, 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]');
  if (typeof text !== 'string') return new Map();
  try {
    const config = JSON.parse(text) as Editable;
    return isMap(config) ? fieldsOf(config) : new Map();
  } catch {
    return new Map();
  }
}

function conflicts(disputed: readonly { readonly path: string; readonly other: Ownership }[]): StatusError {
  const causes = disputed.map(({ path, other }) => {
    const sub = other.subresource === undefined ? '' : ` with subresource "${other.subresource}"`;
    const message = `conflict with "${other.manager}"${sub} using ${other.apiVersion}`;
    return { reason: 'FieldManagerConflict', message, field: fieldName(path) };
  });
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  const list =
    causes.length === 1
      ? ` ${causes.map(({ message, field }) => `${message}: ${field}`).join('')}`
      : `${causes.map(({ message, field }) => `\n${message}: ${field}`).join('')}`;
  return new StatusError(409, 'Conflict', `Apply failed with ${count}:${list}`, { causes });
}

function mergeMap(
  live: EditableObject,
  config: EditableObject,
  path: readonly string[],
  kind: string,
  custom: boolean,
): EditableObject {
  const merged = structuredClone(live);
  for (const [key, value] of Object.entries(config)) {
    if (path.length === 1 && path[0] === 'metadata' && ['managedFields', 'resourceVersion', 'uid'].includes(key))
      continue;
    const there = merged[key];
    if (isMap(value) && isMap(there)) merged[key] = mergeMap(there, value, [...path, key], kind, custom);
    else if (Array.isArray(value)) merged[key] = mergeList(there, value, [...path, key], kind, custom);
    else merged[key] = structuredClone(value);
  }
  return merged;
}

function mergeList(
  live: Editable | undefined,
  config: readonly Editable[],
  path: readonly string[],
  kind: string,
  custom: boolean,
): Editable[] {
  const how = listKindAt(kind, custom, path);
  if (how.merge === 'atomic') return structuredClone([...config]);
  if (how.merge === 'set') return mergedSet(itemsOf(live), config, [], undefined);
  const old = mapsOf(live);
  const merged = new Map<string, Editable>(old.map((item) => [itemKey(item, how.keys), item]));
  const items = mapsOf([...config]);
  for (const item of items) {
    const there = merged.get(itemKey(item, how.keys));
    merged.set(
      itemKey(item, how.keys),
      isMap(there) ? mergeMap(there, item, path, kind, custom) : structuredClone(item),
    );
  }
  const key = (item: EditableObject) => itemKey(item, how.keys);
  return inOrder(merged, items.map(key), old.map(key));
}
