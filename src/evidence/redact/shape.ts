import { isObject, type Json, listAt } from '../json.ts';
import { fieldPath, type Redaction } from '../snapshot.ts';
import { maskSecrets } from './key-material.ts';

type Segment = string | number;

/** Where in an object the gate is, and what it has taken out so far. */
export class Place {
  readonly segments: readonly Segment[];
  readonly #note: (field: string, reason: Redaction['reason']) => void;

  constructor(note: (field: string, reason: Redaction['reason']) => void, segments: readonly Segment[] = []) {
    this.#note = note;
    this.segments = segments;
  }

  at(segment: Segment): Place {
    return new Place(this.#note, [...this.segments, segment]);
  }

  note(reason: Redaction['reason']): void {
    // Keys are text as well; joined into a path they would no longer be recognised.
    const path = this.segments.map((segment) => (typeof segment === 'string' ? maskSecrets(segment).text : segment));
    this.#note(fieldPath(...path), reason);
  }
}

/** What the gate lets through at one place; undefined: nothing. */
export type Keep = (value: Json, place: Place) => Json | undefined;

const MAX_TEXT = 32_768;
const MAX_ITEMS = 20_000;

/** A string without key material and credentials. */
export const text: Keep = (value, place) => {
  if (typeof value !== 'string') return undefined;
  const masked = maskSecrets(value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value);
  if (masked.reason) place.note(masked.reason);
  return masked.text;
};

/** A string, a finite number or a boolean. */
export const scalar: Keep = (value, place) => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return text(value, place);
};

export const texts: Keep = (value, place) => list(text)(value, place);

/** Only that it is there. */
export const presence: Keep = () => ({});

export function list(keep: Keep): Keep {
  return (value, place) => {
    if (!Array.isArray(value)) return undefined;
    // Positions are part of field paths, so what does not pass leaves a hole rather than moving the rest.
    return listAt(value)
      .slice(0, MAX_ITEMS)
      .map((item, index) => keep(item, place.at(index)) ?? null);
  };
}

/** Any keys, all with values of one shape. */
export function map(keep: Keep): Keep {
  return (value, place) => pick(value, place, () => keep);
}

/** The keys named, and no others. */
export function fields(shapes: Readonly<Record<string, Keep>>): Keep {
  return (value, place) => pick(value, place, (key) => (Object.hasOwn(shapes, key) ? shapes[key] : undefined));
}

/** Keeps each member whose key has a shape; keys are cut of key material like any other text. */
export function pick(value: Json, place: Place, shapeOf: (key: string) => Keep | undefined): Json | undefined {
  if (!isObject(value)) return undefined;
  const kept: [string, Json][] = [];
  for (const [key, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    const shape = shapeOf(key);
    if (shape === undefined || member === undefined || member === null) continue;
    const reduced = shape(member, place.at(key));
    if (reduced !== undefined) kept.push([maskSecrets(key.slice(0, 512)).text, reduced]);
  }
  // Not an assignment: a key may be called `__proto__`.
  return Object.fromEntries(kept);
}
