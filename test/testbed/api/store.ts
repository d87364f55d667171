import { isDeepStrictEqual } from 'node:util';
import type { EditableObject } from '../../scenario/field-edit.ts';
import type { Change, KubeObject, ObjectKey, Store, StoreEvent } from '../seams.ts';
import { copyOf, kept } from './copy.ts';
import { createHistory, type VersionedEvent } from './history.ts';
import { resourceOfKind } from './kinds.ts';
import { digest, uuid } from './made-up-names.ts';
import { takeFields } from './managed-fields.ts';
import { metadataOf, nameOf, namespaceOf } from './metadata.ts';
import { hasGeneration, idOf, idOfKey, placed } from './object-place.ts';
import { isOwnedBy, withoutOwner } from './owners.ts';
import { alreadyExists, notFound } from './status.ts';
import { stampOf, timesMoved } from './time-stamps.ts';

/** The store with what the API needs besides. */
export interface ObjectStore extends Store {
  /** The stored objects themselves, in the order of namespace and name; they are frozen. */
  readonly view: (kind: string) => readonly KubeObject[];
  /** The same store for those who never change what they read: it hands out the frozen objects themselves. */
  readonly uncopied: Store;
  /** Like `update` or `create`, with managedFields as they are in the object: server-side apply works them out itself. */
  readonly put: (object: KubeObject) => KubeObject;
  /** Like `remove`; dependents lose their reference and stay. */
  readonly orphan: (key: ObjectKey) => boolean;
  /** The resourceVersion of the last change. */
  readonly version: () => number;
  /** What happened after this resourceVersion, oldest first; undefined: that is too long ago. */
  readonly since: (version: number) => readonly VersionedEvent[] | undefined;
  /** Forgets all that happened until now: whoever lists or watches from before is told that it is too old. */
  readonly compact: () => void;
}

const FIRST_VERSION = 1000;

/** An empty store. `now` is epoch milliseconds. */
export function createStore({ now }: { readonly now: () => number }): ObjectStore {
  const objects = new Map<string, KubeObject>();
  /** Sorted lists by kind, until something of the kind changes. */
  const views = new Map<string, readonly KubeObject[]>();
  const listeners = new Set<(event: StoreEvent) => void>();
  const queue: StoreEvent[] = [];
  const history = createHistory(FIRST_VERSION);
  let version = FIRST_VERSION;
  let made = 0;
  let telling = false;

  const tell = (event: VersionedEvent) => {
    history.add(event);
    queue.push(event);
    if (telling) return;
    telling = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (const listener of [...listeners]) listener({ type: next.type, object: next.object });
      }
    } finally {
      telling = false;
    }
  };

  const keep = (object: KubeObject): KubeObject => {
    const stored = kept(object);
    objects.set(idOf(stored), stored);
    views.delete(String(stored.kind));
    return stored;
  };

  const write = (object: KubeObject, before: KubeObject | undefined): KubeObject => {
    version += 1;
    metadataOf(object).resourceVersion = String(version);
    const stored = keep(object);
    tell({ type: before ? 'MODIFIED' : 'ADDED', object: stored, before, version });
    return stored;
  };

  const insert = (given: KubeObject): KubeObject => {
    made += 1;
    const object = placed(given);
    const metadata = metadataOf(object);
    if (metadata.name === undefined && typeof metadata.generateName === 'string') {
      metadata.name = `${metadata.generateName}${digest(`name ${made}`).slice(0, 5)}`;
    }
    const resource = resourceOfKind(String(object.kind));
    if (objects.has(idOf(object))) throw alreadyExists(resource?.plural ?? '', resource?.group ?? '', nameOf(object));
    metadata.uid ??= uuid(`${idOf(object)} ${made}`);
    metadata.creationTimestamp ??= stampOf(now());
    if (hasGeneration(object)) metadata.generation ??= 1;
    return object;
  };

  const replace = (given: KubeObject, change?: Change): KubeObject => {
    const current = objects.get(idOf(placed(given)));
    if (!current) {
      const resource = resourceOfKind(String(given.kind));
      throw notFound(resource?.plural ?? String(given.kind), resource?.group ?? '', nameOf(given));
    }
    const object = change?.subresource === 'status' ? withStatusOf(current, given) : placed(given);
    const metadata = metadataOf(object);
    const before = metadataOf(current);
    for (const field of ['uid', 'creationTimestamp', 'generation', 'managedFields', 'resourceVersion']) {
      const value = before[field];
      if (change === undefined && field === 'managedFields') continue;
      if (value === undefined) delete metadata[field];
      else metadata[field] = value;
    }
    if (isDeepStrictEqual(object, current)) return current;
    if (before.generation !== undefined && !isDeepStrictEqual(desired(object), desired(current))) {
      metadata.generation = Number(before.generation) + 1;
    }
    if (change) takeFields(current, object, change, now());
    const finalizers = metadata.finalizers;
    if (metadata.deletionTimestamp !== undefined && (!Array.isArray(finalizers) || finalizers.length === 0)) {
      erase(object, 'cascade');
      return kept(object);
    }
    return write(object, current);
  };

  const erase = (object: KubeObject, dependents: 'cascade' | 'orphan') => {
    version += 1;
    const metadata = { ...metadataOf(object), resourceVersion: String(version) };
    objects.delete(idOf(object));
    views.delete(String(object.kind));
    tell({ type: 'DELETED', object: kept({ ...object, metadata }), before: object, version });
    for (const dependent of [...objects.values()]) {
      if (!isOwnedBy(dependent, object) || !objects.has(idOf(dependent))) continue;
      const remaining = withoutOwner(dependent, object);
      if (dependents === 'cascade' && remaining === 'none left') erase(dependent, 'cascade');
      else replace(remaining === 'none left' ? disowned(dependent) : remaining, { manager: 'kube-controller-manager' });
    }
    if (object.kind !== 'Namespace') return;
    for (const member of [...objects.values()]) {
      if (namespaceOf(member) === nameOf(object) && objects.has(idOf(member))) erase(member, 'cascade');
    }
  };

  const drop = (key: ObjectKey, dependents: 'cascade' | 'orphan'): boolean => {
    const object = objects.get(idOfKey(key));
    if (!object) return false;
    erase(object, dependents);
    return true;
  };

  const view = (kind: string) => {
    const known = views.get(kind);
    if (known) return known;
    const sorted = [...objects.values()]
      .filter((object) => object.kind === kind)
      .sort((one, other) => compare(sortKey(one), sortKey(other)));
    views.set(kind, sorted);
    return sorted;
  };

  const uncopied: Store = {
    list: (kind, namespace) =>
      view(kind).filter((object) => namespace === undefined || namespaceOf(object) === namespace),
    get: (key) => objects.get(idOfKey(key)),
    create: (given, change) => {
      const object = insert(given);
      if (metadataOf(object).managedFields === undefined) takeFields(undefined, object, change, now());
      return write(object, undefined);
    },
    update: (object, change) => replace(object, change),
    remove: (key) => drop(key, 'cascade'),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    age: (milliseconds) => {
      for (const object of [...objects.values()]) keep(timesMoved(object, -milliseconds));
    },
  };

  return {
    ...uncopied,
    view,
    uncopied,
    list: (kind, namespace) => uncopied.list(kind, namespace).map((object) => copyOf(object)),
    get: (key) => copyOf(uncopied.get(key)),
    create: (given, change) => copyOf(uncopied.create(given, change)),
    update: (object, change) => copyOf(replace(object, change)),
    put: (object) => copyOf(objects.has(idOf(placed(object))) ? replace(object) : write(insert(object), undefined)),
    orphan: (key) => drop(key, 'orphan'),
    version: () => version,
    since: history.since,
    compact: () => history.compact(version),
  };
}

function withStatusOf(current: KubeObject, given: KubeObject): KubeObject {
  const { status: _status, ...rest } = current;
  const object = { ...rest, metadata: { ...metadataOf(current) } };
  return given.status === undefined ? object : { ...object, status: kept(given.status) };
}

/** All but metadata and status: what a new generation is about. */
function desired({ metadata: _metadata, status: _status, ...rest }: KubeObject): EditableObject {
  return rest;
}

function disowned(object: KubeObject): KubeObject {
  const { ownerReferences: _owners, ...metadata } = metadataOf(object);
  return { ...object, metadata };
}

function sortKey(object: KubeObject): string {
  return `${namespaceOf(object) ?? ''}\u0000${nameOf(object)}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
