import { isDeepStrictEqual } from 'node:util';
import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import type { Change, KubeObject } from '../seams.ts';
import { fieldsOf, flattened, nested } from './field-sets.ts';
import { isMap, metadataOf } from './metadata.ts';
import { stampOf } from './time-stamps.ts';

/** One manager's share of an object. */
export interface Ownership {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string | undefined;
  readonly apiVersion: string;
  /** As the API writes it; of the last change that took a field. */
  readonly time: string;
  /** Paths as `pathText` writes them. */
  readonly paths: ReadonlySet<string>;
}

/** Makes `change.manager` the owner of what differs between two versions; changes `after` in place. */
export function takeFields(before: KubeObject | undefined, after: KubeObject, change: Change, now: number): void {
  const old = before ? fieldsOf(before) : new Map<string, Editable>();
  const fresh = fieldsOf(after);
  const taken = new Set<string>();
  for (const [path, value] of fresh)
    if (!isDeepStrictEqual(old.get(path), value) && !isEmptied(path, value, old)) taken.add(path);
  const kept = before ? ownershipsOf(before) : [];
  const mine = { manager: change.manager, operation: 'Update', subresource: change.subresource } as const;
  const others = kept.filter((entry) => !isSame(entry, mine));
  const own = kept.find((entry) => isSame(entry, mine));
  const entries = others.map((entry) => ({ ...entry, paths: remaining(entry.paths, fresh, taken) }));
  const ownPaths = new Set([...remaining(own?.paths ?? new Set(), fresh, new Set()), ...taken]);
  const time = taken.size > 0 || own === undefined ? stampOf(now) : own.time;
  entries.push({ ...mine, apiVersion: String(after.apiVersion), time, paths: ownPaths });
  setOwnerships(after, entries);
}

export function ownershipsOf(object: KubeObject): readonly Ownership[] {
  const { managedFields } = metadataOf(object);
  const entries = Array.isArray(managedFields) ? managedFields.filter(isMap) : [];
  return entries.map((entry) => ({
    manager: String(entry.manager),
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    subresource: typeof entry.subresource === 'string' ? entry.subresource : undefined,
    apiVersion: String(entry.apiVersion),
    time: String(entry.time),
    paths: flattened(entry.fieldsV1),
  }));
}

/** Writes the entries that still own something into the object. */
export function setOwnerships(object: KubeObject, entries: readonly Ownership[]): void {
  metadataOf(object).managedFields = entries
    .filter(({ paths }) => paths.size > 0)
    .map(
      ({ manager, operation, apiVersion, time, paths, subresource }): EditableObject => ({
        manager,
        operation,
        apiVersion,
        time,
        fieldsType: 'FieldsV1',
        fieldsV1: nested(paths),
        ...(subresource === undefined ? {} : { subresource }),
      }),
    );
}

/** Whether two entries are about the same manager's same way of writing. */
export function isSame(
  one: Pick<Ownership, 'manager' | 'operation' | 'subresource'>,
  other: Pick<Ownership, 'manager' | 'operation' | 'subresource'>,
): boolean {
  return one.manager === other.manager && one.operation === other.operation && one.subresource === other.subresource;
}

/** What is left of a map or list when its last member is taken away is nobody's. */
function isEmptied(path: string, value: Editable, old: ReadonlyMap<string, Editable>): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length > 0) return false;
  const members = `${path.slice(0, -1)},`;
  return [...old.keys()].some((other) => other.startsWith(members));
}

function remaining(
  paths: ReadonlySet<string>,
  present: ReadonlyMap<string, Editable>,
  without: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set([...paths].filter((path) => present.has(path) && !without.has(path)));
}
