import { dig, type JsonObject, textAt } from '../../../src/evidence/json.ts';
import type { ApiPath } from './kinds.ts';

/** One page of a list, its items without kind and apiVersion, as the API server sends them. */
export function listPage(
  objects: readonly JsonObject[],
  { kind, namespace, collection }: ApiPath,
  query: URLSearchParams,
): JsonObject {
  const all = objects.filter(
    (object) =>
      object.kind === kind && (namespace === undefined || textAt(dig(object, 'metadata', 'namespace')) === namespace),
  );
  const from = Number(query.get('continue') ?? 0);
  const limit = Number(query.get('limit') ?? 0) || all.length;
  const items = all.slice(from, from + limit).map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item);
  const next = from + limit < all.length ? { continue: String(from + limit) } : {};
  const version = collection.startsWith('/api/') ? 'v1' : collection.split('/').slice(2, 4).join('/');
  return { kind: `${kind}List`, apiVersion: version, metadata: { resourceVersion: '1', ...next }, items };
}
