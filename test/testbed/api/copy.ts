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
