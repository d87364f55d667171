import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';

export function isMap(value: Editable | undefined): value is EditableObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's metadata, to be changed in place; made when there is none. */
export function metadataOf(object: KubeObject): EditableObject {
  const { metadata } = object;
  if (isMap(metadata)) return metadata;
  const made: EditableObject = {};
  object.metadata = made;
  return made;
}

/** Empty when it has none. */
export function nameOf(object: KubeObject): string {
  const name = isMap(object.metadata) ? object.metadata.name : undefined;
  return typeof name === 'string' ? name : '';
}

export function namespaceOf(object: KubeObject): string | undefined {
  const namespace = isMap(object.metadata) ? object.metadata.namespace : undefined;
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}
