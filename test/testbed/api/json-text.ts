import type { Editable, EditableObject } from '../../scenario/field-edit.ts';

/** Of frozen parts, which many answers share. */
const known = new WeakMap<object, string>();

/**
 * What `JSON.stringify` makes of an answer, which is plain JSON. A server that shares its machine with the programs that
 * ask it should take little of it: what is frozen is written once.
 */
export function jsonText(value: Editable): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Object.isFrozen(value)) return frozenText(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`;
  const fields = Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [`${JSON.stringify(key)}:${jsonText(field)}`],
  );
  return `{${fields.join(',')}}`;
}

function frozenText(value: EditableObject | readonly Editable[]): string {
  const before = known.get(value);
  if (before !== undefined) return before;
  const text = JSON.stringify(value);
  known.set(value, text);
  return text;
}
