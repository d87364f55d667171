import { isObject, type Json, listAt } from '../json.ts';
import { fieldPath, type Redaction } from '../snapshot.ts';
import { maskSecrets } from './key-material.ts';

type Segment = string | number;

/** Where in an object the gate is, and what it has taken out so far. */
export class Place {
  readonly #note: (field: string, reason: Redaction['reason']) => void;
  readonly #within: Place | undefined;
  readonly #segment: Segment;

  constructor(note: (field: string, reason: Redaction['reason']) => void, within?: Place, segment: Segment = '') {
    this.#note = note;
    this.#within = within;
    this.#segment = segment;
  }

  at(segment: Segment): Place {
    return new Place(this.#note, this, segment);
  }

  note(reason: Redaction['reason']): void {
    this.#note(fieldPath(...this.#path()), reason);
  }

  /** Worked out only where something is taken out, which is in few of many places. */
  #path(): readonly Segment[] {
    if (!this.#within) return [];
    const segment = this.#segment;
    // Keys are text as well; joined into a path they would no longer be recognised.
    return [...this.#within.#path(), typeof segment === 'string' ? maskSecrets(segment).text : segment];
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
  const kept: Record<string, Json> = {};
  let left = MAX_ITEMS;
  for (const key of Object.keys(value)) {
    if (left === 0) break;
    left -= 1;
    const shape = shapeOf(key);
    const member = value[key];
    if (shape === undefined || member === undefined || member === null) continue;
    const reduced = shape(member, place.at(key));
    if (reduced === undefined) continue;
    const name = maskSecrets(key.slice(0, 512)).text;
    // An assignment to this one would change what the object is.
    if (name === '__proto__')
      Object.defineProperty(kept, name, { value: reduced, enumerable: true, configurable: true, writable: true });
    else kept[name] = reduced;
  }
  return kept;
}
