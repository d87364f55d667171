import type { Editable } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { isMap, metadataOf, nameOf, namespaceOf } from './metadata.ts';

/** Whether one of the object's owner references means `owner`; by uid, or by kind and name where a reference has no uid. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return referencesOf(object).some((reference) => means(reference, object, owner));
}

/** A copy without the references to `owner`. */
export function withoutOwner(object: KubeObject, owner: KubeObject): KubeObject | 'none left' {
  const left = referencesOf(object).filter((reference) => !means(reference, object, owner));
  if (left.length === 0) return 'none left';
  const copy = structuredClone(object);
  metadataOf(copy).ownerReferences = structuredClone(left);
  return copy;
}

function referencesOf(object: KubeObject): Editable[] {
  const references = isMap(object.metadata) ? object.metadata.ownerReferences : undefined;
  return Array.isArray(references) ? references : [];
}

function means(reference: Editable, object: KubeObject, owner: KubeObject): boolean {
  if (!isMap(reference)) return false;
  const ownerNamespace = namespaceOf(owner);
  if (ownerNamespace !== undefined && ownerNamespace !== namespaceOf(object)) return false;
  if (typeof reference.uid === 'string') return reference.uid === metadataOf(owner).uid;
  return reference.kind === owner.kind && reference.name === nameOf(owner);
}
