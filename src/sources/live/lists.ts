import type { JsonObject } from '../../evidence/json.ts';
import { reduceEarly } from '../../evidence/redact/index.ts';
import type { CollectedObject } from '../../evidence/snapshot.ts';
import { askForGroup, type ListAnswer, listObjects } from './api.ts';
import type { Caller } from './call.ts';
import type { Collection } from './collection.ts';
import { unpackHaproxyCfg } from './haproxy-cfg.ts';
import type { Resource } from './resources.ts';

export interface Scope {
  /** Given with `-n`. */
  readonly namespace?: string;
  /** With `-A` nothing less than all namespaces will do. */
  readonly allNamespaces: boolean;
  /** Where to look when looking everywhere is not allowed. */
  readonly fallback: string;
}

/** Lists one kind as widely as is wanted and allowed, and records what that covers. */
export async function collectKind(
  caller: Caller,
  collection: Collection,
  resource: Resource,
  scope: Scope,
): Promise<void> {
  const namespace = resource.namespaced && resource.scope === 'installation' ? scope.namespace : undefined;
  const answer = await listInServedVersion(caller, collection, resource, namespace);
  record(collection, resource, namespace, answer);
  const everywhere = resource.namespaced && namespace === undefined;
  if (everywhere && answer.status === 403 && !scope.allNamespaces)
    await collectIn(caller, collection, resource, scope.fallback);
}

/** Lists one kind in one namespace. */
export async function collectIn(
  caller: Caller,
  collection: Collection,
  resource: Resource,
  namespace: string,
): Promise<void> {
  record(collection, resource, namespace, await listInServedVersion(caller, collection, resource, namespace));
}

/**
 * A 404 for a kind of an extension says that there are none only if the server does not serve the group, or the kind in
 * this version of it; in another version there may be some.
 */
async function listInServedVersion(
  caller: Caller,
  collection: Collection,
  resource: Resource,
  namespace?: string,
): Promise<ListAnswer<CollectedObject>> {
  const take = (object: JsonObject) => takeIn(collection, caller, object);
  const answer = await listObjects(caller, resource, namespace, take);
  if (answer.status !== 404 || !resource.extension) return answer;
  const group = await askForGroup(caller, resource.group);
  if (group.state === 'refused') return { objects: [], refusal: group.refusal, status: 0 };
  const [version] = group.state === 'served' ? group.versions : [];
  if (group.state === 'not-served' || group.versions.includes(resource.version)) {
    collection.note(
      `the cluster does not serve ${resource.plural}.${resource.group}, so there are no ${resource.kind} objects`,
    );
    return { objects: [], status: 200 };
  }
  if (version === undefined) return answer;
  collection.note(
    `${resource.plural}.${resource.group} were read in version ${version}, which this program does not know`,
  );
  return await listObjects(caller, { ...resource, version }, namespace, take);
}

function takeIn(collection: Collection, caller: Caller, listed: JsonObject): CollectedObject {
  const { object, problem } = unpackHaproxyCfg(listed);
  if (problem !== undefined) collection.note(problem);
  return reduceEarly({ object, at: caller.clock.timestamp() });
}

function record(
  collection: Collection,
  { kind }: Resource,
  namespace: string | undefined,
  answer: ListAnswer<CollectedObject>,
): void {
  const where = namespace === undefined ? { kind } : { kind, namespace };
  collection.add(answer.objects);
  if (answer.refusal) collection.refuse({ what: 'objects', ...where }, answer.refusal);
  else collection.coverage.push(where);
}
