import type { EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject, Store } from '../seams.ts';
import { identityOf, objectsAt, textAt } from './fields.ts';

/** An entry for `metadata.ownerReferences`. */
export function ownedByThis(owner: KubeObject): EditableObject {
  const { kind, name, uid } = identityOf(owner);
  return { apiVersion: textAt(owner, 'apiVersion'), kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Objects of a kind in the owner's namespace that it controls. */
export function controlledBy(store: Store, owner: KubeObject, kind: string): readonly KubeObject[] {
  const { namespace, uid } = identityOf(owner);
  return store.list(kind, namespace).filter((object) => controllerOf(object)?.uid === uid);
}

export function controllerOf(
  object: KubeObject,
): { readonly kind: string; readonly name: string; readonly uid: string } | undefined {
  const owner = objectsAt(object, 'metadata', 'ownerReferences').find(({ controller }) => controller === true);
  return owner && { kind: textAt(owner, 'kind'), name: textAt(owner, 'name'), uid: textAt(owner, 'uid') };
}
