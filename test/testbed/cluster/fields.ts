import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import type { ObjectKey } from '../seams.ts';

/** Walks through objects and lists; undefined where the way ends early. */
export function dig(root: Editable | undefined, ...path: readonly (string | number)[]): Editable | undefined {
  let here: Editable | undefined = root;
  for (const step of path) {
    if (Array.isArray(here)) here = typeof step === 'number' ? here[step] : undefined;
    else if (typeof here === 'object' && here !== null) here = Object.hasOwn(here, step) ? here[step] : undefined;
    else return undefined;
  }
  return here;
}

/** The object there, or an empty one. */
export function objectAt(root: Editable | undefined, ...path: readonly (string | number)[]): EditableObject {
  const value = dig(root, ...path);
  return isObject(value) ? value : {};
}

/** The objects of the list there. */
export function objectsAt(
  root: Editable | undefined,
  ...path: readonly (string | number)[]
): readonly EditableObject[] {
  const value = dig(root, ...path);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The text there, or an empty one. */
export function textAt(root: Editable | undefined, ...path: readonly (string | number)[]): string {
  const value = dig(root, ...path);
  return typeof value === 'string' ? value : '';
}

/** The texts of the list there. */
export function textListAt(root: Editable | undefined, ...path: readonly (string | number)[]): readonly string[] {
  const value = dig(root, ...path);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The text members of the object there: labels, annotations, `data`. */
export function textsAt(
  root: Editable | undefined,
  ...path: readonly (string | number)[]
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(objectAt(root, ...path))) {
    if (typeof value === 'string') texts[key] = value;
  }
  return texts;
}

export function numberAt(root: Editable | undefined, ...path: readonly (string | number)[]): number | undefined {
  const value = dig(root, ...path);
  return typeof value === 'number' ? value : undefined;
}

/** How the store finds an object again. */
export function keyOf(object: EditableObject): ObjectKey {
  const { kind, namespace, name } = identityOf(object);
  return { kind, ...(namespace === '' ? {} : { namespace }), name };
}

/** `namespace` is empty for what has none. */
export function identityOf(object: EditableObject): {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
} {
  return {
    kind: textAt(object, 'kind'),
    namespace: textAt(object, 'metadata', 'namespace'),
    name: textAt(object, 'metadata', 'name'),
    uid: textAt(object, 'metadata', 'uid'),
  };
}

function isObject(value: Editable | undefined): value is EditableObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
