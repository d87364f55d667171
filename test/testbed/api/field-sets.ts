import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { resourceOfKind } from './kinds.ts';
import { itemKey, listKindAt } from './lists.ts';
import { isMap } from './metadata.ts';

/** Elements of a field's path as managedFields write them: `f:spec`, `k:{"name":"haproxy"}`, `v:"kept"`, `.`. */
export type FieldPath = readonly string[];

/** Metadata that the server fills in and nobody owns. */
const SERVER_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** Of objects that nobody changes any more. */
const known = new WeakMap<KubeObject, ReadonlyMap<string, Editable>>();

/** Values of all fields that somebody can own, by path (`pathText`). */
export function fieldsOf(object: KubeObject): ReadonlyMap<string, Editable> {
  const before = known.get(object);
  if (before) return before;
  const fields = findFields(object);
  if (Object.isFrozen(object)) known.set(object, fields);
  return fields;
}

function findFields(object: KubeObject): ReadonlyMap<string, Editable> {
  const kind = String(object.kind);
  const custom = resourceOfKind(kind)?.custom ?? true;
  const fields = new Map<string, Editable>();
  const walk = (value: Editable, at: FieldPath, names: readonly string[]) => {
    if (isMap(value) && Object.keys(value).length > 0) {
      for (const [key, member] of Object.entries(value)) {
        if (names.length === 1 && names[0] === 'metadata' && SERVER_METADATA.has(key)) continue;
        walk(member, [...at, `f:${key}`], [...names, key]);
      }
      return;
    }
    const list = Array.isArray(value) ? listKindAt(kind, custom, names) : undefined;
    if (!Array.isArray(value) || list === undefined || list.merge === 'atomic' || value.length === 0) {
      fields.set(pathText(at), value);
    } else if (list.merge === 'set') {
      for (const item of value) fields.set(pathText([...at, `v:${JSON.stringify(item)}`]), item);
    } else {
      for (const item of value) {
        if (!isMap(item)) continue;
        const here = [...at, itemKey(item, list.keys)];
        fields.set(pathText([...here, '.']), true);
        walk(item, here, names);
      }
    }
  };
  for (const [key, value] of Object.entries(object)) {
    if (key !== 'apiVersion' && key !== 'kind') walk(value, [`f:${key}`], [key]);
  }
  fields.delete(pathText(['f:metadata']));
  return fields;
}

export function pathText(path: FieldPath): string {
  return JSON.stringify(path);
}

export function pathOf(text: string): FieldPath {
  return JSON.parse(text) as string[];
}

/** A set of paths as `fieldsV1`. */
export function nested(paths: Iterable<string>): EditableObject {
  const root: EditableObject = {};
  for (const text of paths) {
    let here = root;
    for (const element of pathOf(text)) {
      const next = here[element];
      const below: EditableObject = isMap(next) ? next : {};
      here[element] = below;
      here = below;
    }
  }
  return root;
}

/** The paths of a `fieldsV1`: its ends. */
export function flattened(fieldsV1: Editable | undefined): Set<string> {
  const paths = new Set<string>();
  const walk = (value: Editable | undefined, at: FieldPath) => {
    const below = isMap(value) ? Object.entries(value) : [];
    if (below.length === 0 && at.length > 0) paths.add(pathText(at));
    for (const [element, member] of below) walk(member, [...at, element]);
  };
  walk(fieldsV1, []);
  return paths;
}

/** `.spec.template.spec.containers[name="haproxy"].image`, as conflicts name fields. */
export function fieldName(text: string): string {
  return pathOf(text)
    .filter((element) => element !== '.')
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as Record<string, Editable>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
