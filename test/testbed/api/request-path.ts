import type { RequestInfo } from './handlers.ts';

/** What a method and a path say about a request: `RequestInfo` without the user. */
export type RequestTarget = Pick<
  RequestInfo,
  | 'verb'
  | 'method'
  | 'group'
  | 'version'
  | 'resource'
  | 'subresource'
  | 'namespace'
  | 'name'
  | 'rest'
  | 'path'
  | 'query'
>;

const WRITING: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };
/** Behind a namespace's name these are its own subresources, not resources in it. */
const OF_NAMESPACES = ['status', 'finalize'];

/** Takes a request apart as the API server's request info resolver does. */
export function parseTarget(method: string, requestUrl: string): RequestTarget {
  const url = new URL(requestUrl, 'https://localhost');
  const path = url.pathname;
  const query = url.searchParams;
  const parts = path.split('/').slice(1).map(decoded);
  const head = parts[0] === 'api' ? 2 : parts[0] === 'apis' ? 3 : 0;
  const nothing = { verb: method.toLowerCase(), method, group: '', version: '', resource: '', path, query };
  if (head === 0 || parts.length <= head || parts[head] === '') return nothing;
  const group = parts[0] === 'api' ? '' : (parts[1] ?? '');
  const version = parts[head - 1] ?? '';
  const { namespace, resource, name, subresource, rest } = inScope(
    parts.slice(head).filter((part, at) => part !== '' || at > 3),
  );
  const selected = name ?? (method === 'GET' || method === 'DELETE' ? nameSelected(query) : undefined);
  return {
    verb: verbOf(method, query, name, subresource),
    method,
    group,
    version,
    resource,
    path,
    query,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(selected === undefined ? {} : { name: selected }),
    ...(rest === undefined ? {} : { rest }),
  };
}

interface Scoped {
  readonly namespace?: string | undefined;
  readonly resource: string;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly rest?: string;
}

function inScope(parts: readonly string[]): Scoped {
  const [first = '', second, third] = parts;
  const isNamespaced = first === 'namespaces' && third !== undefined && !OF_NAMESPACES.includes(third);
  const [resource = '', name, subresource, ...rest] = isNamespaced ? parts.slice(2) : parts;
  const namespace = first === 'namespaces' ? second : undefined;
  return {
    namespace,
    resource,
    name,
    subresource,
    ...(subresource === 'proxy' ? { rest: `/${rest.join('/')}` } : {}),
  };
}

function verbOf(method: string, query: URLSearchParams, name?: string, subresource?: string): string {
  if (method === 'GET' || method === 'HEAD') {
    if (subresource !== undefined) return 'get';
    if (['true', '1'].includes(query.get('watch') ?? '')) return 'watch';
    return name === undefined ? 'list' : 'get';
  }
  if (method === 'DELETE') return name === undefined ? 'deletecollection' : 'delete';
  return WRITING[method] ?? method.toLowerCase();
}

/** A list of one name counts as a request for that name when it is authorized. */
function nameSelected(query: URLSearchParams): string | undefined {
  const selector = query.get('fieldSelector') ?? '';
  return /(?:^|,)metadata\.name={1,2}([^,]+)/.exec(selector)?.[1];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
