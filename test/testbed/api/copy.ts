import type { Editable } from '../../scenario/field-edit.ts';

/** A deep copy of JSON; several times as fast as `structuredClone`, of which a cluster makes ten thousands. */
export function copyOf<T extends Editable | undefined>(value: T): T;
export function copyOf(value: Editable | undefined): Editable | undefined {
  if (Array.isArray(value)) return value.map((item) => copyOf(item));
  if (typeof value !== 'object' || value === null) return value;
  const copy: { [key: string]: Editable } = {};
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field !== undefined) copy[key] = copyOf(field);
  }
  return copy;
}

/**
 * The same JSON, deeply frozen, so that all who read it can share it. Parts that are frozen already are taken as they
 * are: nothing else freezes them, so that what is frozen has come from here and is so all the way down.
 */
export function kept<T extends Editable>(value: T): T;
export function kept(value: Editable): Editable {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((item) => kept(item))) as Editable[];
  const own: { [key: string]: Editable } = {};
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field !== undefined) own[key] = kept(field);
  }
  return Object.freeze(own);
}
