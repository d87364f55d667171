import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject, ObjectKey } from '../seams.ts';
import type { RequestInfo } from './handlers.ts';
import type { ResourceKind } from './kinds.ts';
import { isMap, metadataOf, nameOf, namespaceOf } from './metadata.ts';
import { selectorOf } from './selectors.ts';
import { notFound, StatusError } from './status.ts';
import type { ObjectStore } from './store.ts';
import { stampOf } from './time-stamps.ts';
import { keyOf } from './write-options.ts';

/** DELETE of one object. Owned objects go with it unless they are to be orphaned. `sent` are the DeleteOptions. */
export function deleteObject(
  store: ObjectStore,
  info: RequestInfo,
  resource: ResourceKind,
  sent: Editable,
  now: number,
): EditableObject {
  const object = store.get(keyOf(info, resource));
  if (!object) throw notFound(resource.plural, resource.group, info.name ?? '');
  const options = isMap(sent) ? sent : {};
  checkPreconditions(object, options.preconditions, resource);
  if (info.query.get('dryRun') !== 'All' && !wantsDryRun(options)) removeNow(store, object, options, info, now);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: nameOf(object),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: metadataOf(object).uid ?? '',
    },
  };
}

/** DELETE of what a list would show; returns what went. */
export function deleteCollection(
  store: ObjectStore,
  info: RequestInfo,
  resource: ResourceKind,
  sent: Editable,
  now: number,
): readonly KubeObject[] {
  const selects = selectorOf(info.query, resource.kind);
  const namespace = resource.scope === 'cluster' ? undefined : info.namespace;
  const doomed = store.list(resource.kind, namespace).filter(selects);
  const options = isMap(sent) ? sent : {};
  if (info.query.get('dryRun') === 'All' || wantsDryRun(options)) return doomed;
  for (const object of doomed) removeNow(store, object, options, info, now);
  return doomed;
}

function wantsDryRun({ dryRun }: EditableObject): boolean {
  return Array.isArray(dryRun) && dryRun.includes('All');
}

function checkPreconditions(object: KubeObject, wanted: Editable | undefined, resource: ResourceKind): void {
  if (wanted === undefined || !isMap(wanted)) return;
  const metadata = metadataOf(object);
  for (const [field, name] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    if (wanted[field] === undefined || wanted[field] === metadata[field]) continue;
    const why = `the ${name} in the precondition (${String(wanted[field])}) does not match the ${name} in record (${String(metadata[field])}). The object might have been deleted and then recreated`;
    const message = `Operation cannot be fulfilled on ${resource.plural} "${nameOf(object)}": ${why}`;
    throw new StatusError(409, 'Conflict', message, { name: nameOf(object), kind: resource.plural });
  }
}

/** Finalizers hold an object; nothing else does: there is no grace period to wait for. */
function removeNow(
  store: ObjectStore,
  object: KubeObject,
  options: EditableObject,
  info: RequestInfo,
  now: number,
): void {
  const metadata = metadataOf(object);
  const { finalizers } = metadata;
  if (Array.isArray(finalizers) && finalizers.length > 0) {
    metadata.deletionTimestamp ??= stampOf(now);
    store.put(object);
    return;
  }
  const namespace = namespaceOf(object);
  const key: ObjectKey = {
    kind: String(object.kind),
    name: nameOf(object),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const policy = options.propagationPolicy ?? info.query.get('propagationPolicy');
  if (policy === 'Orphan' || options.orphanDependents === true) store.orphan(key);
  else store.remove(key);
}
