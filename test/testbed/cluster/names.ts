import { createHash } from 'node:crypto';
import type { Editable, EditableObject } from '../../scenario/field-edit.ts';

/** Letters and digits that Kubernetes uses in generated names: no vowels, nothing that looks like another. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A suffix as in `haptic-haproxy-7c9d4f-x2k4p`, the same for the same seed. */
export function suffixOf(seed: string, length: number): string {
  return [...createHash('sha256').update(seed).digest().subarray(0, length)]
    .map((byte) => ALPHABET[byte % ALPHABET.length])
    .join('');
}

/** Names a value by its content, whatever the order of its keys. */
export function contentHash(value: Editable | undefined, length = 9): string {
  return suffixOf(canonical(value ?? null), length);
}

/** Of what is frozen: hashes of the same templates are asked for again and again. */
const known = new WeakMap<object, string>();

function canonical(value: Editable): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const before = known.get(value);
  if (before !== undefined) return before;
  const text = canonicalText(value);
  if (Object.isFrozen(value)) known.set(value, text);
  return text;
}

function canonicalText(value: Editable[] | EditableObject): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
