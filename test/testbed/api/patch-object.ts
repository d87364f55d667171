import { isDeepStrictEqual } from 'node:util';
import type { Editable } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { validate } from './admission.ts';
import type { RequestInfo } from './handlers.ts';
import type { ResourceKind } from './kinds.ts';
import { isMap, metadataOf } from './metadata.ts';
import { jsonPatched } from './patch/json-patch.ts';
import { mergePatched } from './patch/merge-patch.ts';
import { applied } from './patch/server-side-apply.ts';
import { strategicallyMerged } from './patch/strategic-merge.ts';
import { parseBody, type RequestBody, unsupported } from './request-body.ts';
import { badRequest, notFound } from './status.ts';
import type { ObjectStore } from './store.ts';
import { received, replaced, type Written } from './write.ts';
import { keyOf, writeOptions } from './write-options.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** PATCH of any type; a server-side apply creates what is not there. `now` is epoch milliseconds. */
export function patchObject(
  store: ObjectStore,
  info: RequestInfo,
  resource: ResourceKind,
  body: RequestBody,
  now: number,
): Written {
  if (body.type === APPLY) return applyObject(store, info, resource, body, now);
  const before = store.get(keyOf(info, resource));
  if (!before) throw notFound(resource.plural, resource.group, info.name ?? '');
  const wanted = patched(before, body, resource.custom ? 'custom' : 'built in');
  if (!isMap(wanted)) throw badRequest('the patched object is no object');
  const options = writeOptions(info);
  const { object, warnings } = received(store, info, resource, wanted, options);
  return { ...replaced(store, resource, before, object, options), warnings };
}

/** A document after a patch of the type that the body names. Throws a 415 for a type that the kind does not take. */
export function patched(document: KubeObject, body: RequestBody, kind: 'built in' | 'custom'): Editable {
  if (body.type === JSON_PATCH) return jsonPatched(document, parseBody(body));
  const patch = parseBody(body);
  if (!isMap(patch)) throw badRequest('json: cannot unmarshal array into Go value of type map[string]interface {}');
  if (body.type === MERGE) return mergePatched(document, patch);
  if (body.type === STRATEGIC && kind === 'built in') return strategicallyMerged(document, patch);
  throw unsupported([JSON_PATCH, MERGE, ...(kind === 'built in' ? [STRATEGIC] : []), APPLY]);
}

function applyObject(
  store: ObjectStore,
  info: RequestInfo,
  resource: ResourceKind,
  body: RequestBody,
  now: number,
): Written {
  const manager = info.query.get('fieldManager');
  if (manager === null || manager === '') {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  const sent = parseBody(body);
  if (!isMap(sent)) throw badRequest('the applied configuration is no object');
  const options = writeOptions(info);
  const { object: config, warnings } = received(store, info, resource, sent, options);
  if (metadataOf(config).managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const before = store.get(keyOf(info, resource));
  const conflicts = info.query.get('force') === 'true' ? 'force' : 'refuse';
  const object = applied(before, config, { manager, conflicts, subresource: options.subresource, now });
  if (!before) {
    validate(object, undefined, resource);
    return { object: options.effect === 'dry run' ? object : store.put(object), code: 201, warnings };
  }
  if (isDeepStrictEqual(object, before)) return { object: before, code: 200, warnings };
  return { ...replaced(store, resource, before, object, options), warnings };
}
