import { isObject, type Json } from '../json.ts';

/** Says where a document is not what it should be; caught where the file is read. */
export class Invalid extends Error {
  override readonly name = 'Invalid';
}

/** Reads one value of a document that anybody may have written; throws `Invalid`. */
export type Shape<T> = (value: Json | undefined, path: string) => T;

const MAX_DEPTH = 80;

export const text: Shape<string> = (value, path) => {
  if (typeof value !== 'string') throw new Invalid(`${path} is not a string`);
  return value;
};

export const flag: Shape<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new Invalid(`${path} is not true or false`);
  return value;
};

export const number: Shape<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Invalid(`${path} is not a number`);
  return value;
};

export const time: Shape<string> = (value, path) => {
  const written = text(value, path);
  if (!/^\d{4}-\d\d-\d\dT/.test(written) || Number.isNaN(Date.parse(written)))
    throw new Invalid(`${path} is not a time`);
  return written;
};

/** Any JSON that is not nested beyond reason. */
export const json: Shape<Json> = (value, path) => {
  if (value === undefined) throw new Invalid(`${path} is missing`);
  checkDepth(value, path, 0);
  return value;
};

function checkDepth(value: Json | undefined, path: string, depth: number): void {
  if (depth > MAX_DEPTH) throw new Invalid(`${path} is nested too deeply`);
  if (typeof value !== 'object' || value === null) return;
  for (const member of Array.isArray(value) ? value : Object.values(value)) checkDepth(member, path, depth + 1);
}

export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value, path) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Invalid(`${path} is none of ${words.join(', ')}`);
    return word;
  };
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Invalid(`${path} is not a list`);
    return value.map((member: Json, index) => item(member, `${path}[${index}]`));
  };
}

export function map<T>(member: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (!isObject(value)) throw new Invalid(`${path} is not an object`);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, member(item, `${path}.${key.slice(0, 100)}`)]),
    );
  };
}

type Shapes = Readonly<Record<string, Shape<unknown>>>;
type Values<S extends Shapes> = { readonly [K in keyof S]: S[K] extends Shape<infer T> ? T : never };

/** An object with these members and, where they are there, those of `optional`; others are left out. */
export function object<const R extends Shapes, const O extends Shapes = Record<never, never>>(
  required: R,
  optional?: O,
): Shape<Values<R> & Partial<Values<O>>> {
  return (value, path) => {
    if (!isObject(value)) throw new Invalid(`${path} is not an object`);
    const read = (shapes: Shapes, isOptional: boolean): [string, unknown][] =>
      Object.entries(shapes).flatMap(([key, shape]): [string, unknown][] => {
        const member = Object.hasOwn(value, key) ? value[key] : undefined;
        return isOptional && member === undefined ? [] : [[key, shape(member, path === '' ? key : `${path}.${key}`)]];
      });
    const members: unknown = Object.fromEntries([...read(required, false), ...read(optional ?? {}, true)]);
    return members as Values<R> & Partial<Values<O>>;
  };
}
