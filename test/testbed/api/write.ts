import { isDeepStrictEqual } from 'node:util';
import { readField } from '../../scenario/field-edit.ts';
import { admitPod } from '../cluster/admission/admit-pod.ts';
import type { Change, KubeObject } from '../seams.ts';
import { validate } from './admission.ts';
import { storedAs } from './event-shapes.ts';
import type { RequestInfo } from './handlers.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { metadataOf, nameOf, namespaceOf } from './metadata.ts';
import { unknownSpiffeIdFields } from './spiffe-id-schema.ts';
import { alreadyExists, badRequest, conflict, notFound, StatusError } from './status.ts';
import type { ObjectStore } from './store.ts';
import { keyOf, type WriteOptions, writeOptions } from './write-options.ts';

/** An object after a write; `warnings` go into the answer's headers. */
export interface Written {
  readonly object: KubeObject;
  readonly code: 200 | 201;
  readonly warnings: readonly string[];
}

/** POST to a collection. */
export function createObject(store: ObjectStore, info: RequestInfo, resource: ResourceKind, sent: KubeObject): Written {
  const options = writeOptions(info);
  const { object, warnings } = received(store, info, resource, sent, options);
  validate(object, undefined, resource);
  const admitted = resource.kind === 'Pod' ? admittedPod(store, object) : object;
  if (options.effect === 'dry run') {
    refuseExisting(store, admitted, resource);
    return { object: imagined(admitted), code: 201, warnings };
  }
  return { object: store.create(admitted, { manager: options.manager }), code: 201, warnings };
}

/** PUT. */
export function updateObject(store: ObjectStore, info: RequestInfo, resource: ResourceKind, sent: KubeObject): Written {
  const options = writeOptions(info);
  const before = store.get(keyOf(info, resource));
  if (!before) throw notFound(resource.plural, resource.group, info.name ?? '');
  const { object, warnings } = received(store, info, resource, sent, options);
  return { ...replaced(store, resource, before, object, options), warnings };
}

/** What a client sent, put where the request's path says. Throws a 400 when body and path disagree. */
export function received(
  store: ObjectStore,
  info: RequestInfo,
  resource: ResourceKind,
  sent: KubeObject,
  { unknownFields }: WriteOptions,
): { readonly object: KubeObject; readonly warnings: readonly string[] } {
  const stored = { kind: resource.kind, apiVersion: apiVersionOf(resource), ...sent };
  if (stored.kind !== resource.kind || stored.apiVersion !== apiVersionOf(resource)) {
    const given = `${String(stored.apiVersion)}, Kind=${String(stored.kind)}`;
    const wanted = `${apiVersionOf(resource)}, Kind=${resource.kind}`;
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
  }
  const object = structuredClone(storedAs(stored, resource));
  const metadata = metadataOf(object);
  if (info.name !== undefined && info.verb !== 'create') {
    if (metadata.name !== undefined && metadata.name !== info.name) {
      const names = `the name of the object (${nameOf(object)}) does not match the name on the URL (${info.name})`;
      throw badRequest(names);
    }
    metadata.name = info.name;
  }
  if (resource.scope === 'cluster') delete metadata.namespace;
  else {
    const namespace = info.namespace ?? 'default';
    if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
      throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
    }
    metadata.namespace = namespace;
    const home = store.get({ kind: 'Namespace', name: namespace });
    if (!home) throw notFound('namespaces', '', namespace);
  }
  if (resource.kind === 'Secret') encodeStringData(object);
  return { object, warnings: pruned(object, resource, unknownFields) };
}

/** Stores the next version of an object after the checks that every kind of write has in common. */
export function replaced(
  store: ObjectStore,
  resource: ResourceKind,
  before: KubeObject,
  wanted: KubeObject,
  options: WriteOptions,
): Omit<Written, 'warnings'> {
  const kept = metadataOf(before);
  const asked = metadataOf(wanted).resourceVersion;
  if (asked !== undefined && asked !== '' && asked !== kept.resourceVersion) {
    throw conflict(resource.plural, resource.group, nameOf(before));
  }
  const uid = metadataOf(wanted).uid;
  if (uid !== undefined && uid !== kept.uid) {
    const why = `Precondition failed: UID in precondition: ${String(uid)}, UID in object meta: ${String(kept.uid)}`;
    throw new StatusError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource.plural} "${nameOf(before)}": ${why}`,
    );
  }
  const next = withItsShare(before, wanted, resource, options.subresource);
  validate(next, before, resource);
  if (options.effect === 'dry run') return { object: next, code: 200 };
  const change: Change = {
    manager: options.manager,
    ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
  };
  const managed = readField(wanted, 'metadata.managedFields');
  const isHandedOver = managed !== undefined && !isDeepStrictEqual(managed, kept.managedFields);
  return { object: isHandedOver ? store.put(next) : store.update(next, change), code: 200 };
}

/** A write changes the status alone or all but the status, and never what the server keeps itself. */
function withItsShare(
  before: KubeObject,
  wanted: KubeObject,
  resource: ResourceKind,
  subresource: WriteOptions['subresource'],
): KubeObject {
  if (subresource === 'status') {
    return { ...before, ...(wanted.status === undefined ? {} : { status: wanted.status }) };
  }
  const next = structuredClone(wanted);
  const metadata = metadataOf(next);
  const kept = metadataOf(before);
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'generation', 'name', 'namespace']) {
    const value = kept[field];
    if (value === undefined) delete metadata[field];
    else metadata[field] = value;
  }
  if (!resource.subresources.includes('status')) return next;
  if (before.status === undefined) delete next.status;
  else next.status = structuredClone(before.status);
  return next;
}

function admittedPod(store: ObjectStore, asked: KubeObject): KubeObject {
  const answer = admitPod(store, asked);
  if (answer.is === 'admitted') return answer.pod;
  throw new StatusError(answer.reason === 'Forbidden' ? 403 : 422, answer.reason, answer.message, {
    name: nameOf(asked),
    kind: 'pods',
  });
}

/** Fields that a custom kind's schema does not know. Throws a 400 when the client wants that to be an error. */
function pruned(object: KubeObject, resource: ResourceKind, mode: WriteOptions['unknownFields']): readonly string[] {
  const unknown = resource.kind === 'ClusterSPIFFEID' ? unknownSpiffeIdFields(object) : [];
  const words = unknown.map((field) => `unknown field "spec.${field}"`);
  if (unknown.length > 0 && mode === 'Strict') {
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${words.join(', ')}`,
    );
  }
  const spec = readField(object, 'spec');
  for (const field of unknown)
    if (typeof spec === 'object' && spec !== null && !Array.isArray(spec)) delete spec[field];
  return mode === 'Warn' ? words : [];
}

function encodeStringData(object: KubeObject): void {
  const { stringData, data } = object;
  if (typeof stringData !== 'object' || stringData === null || Array.isArray(stringData)) return;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const old = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {};
  object.data = { ...old, ...Object.fromEntries(encoded) };
  delete object.stringData;
}

/** As a dry run shows a new object. */
function imagined(object: KubeObject): KubeObject {
  const copy = structuredClone(object);
  const metadata = metadataOf(copy);
  metadata.uid ??= '00000000-0000-4000-a000-000000000000';
  metadata.creationTimestamp ??= null;
  return copy;
}

function refuseExisting(store: ObjectStore, object: KubeObject, resource: ResourceKind): void {
  const namespace = namespaceOf(object);
  const key = { kind: resource.kind, name: nameOf(object), ...(namespace === undefined ? {} : { namespace }) };
  if (store.get(key)) throw alreadyExists(resource.plural, resource.group, nameOf(object));
}
