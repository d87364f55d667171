import { dig, type JsonObject } from '../../../src/evidence/json.ts';
import type { ApiRequest } from './faults.ts';
import { type ApiPath, SERVED } from './kinds.ts';
import { listPage } from './list-page.ts';

/** What the server has to show. */
export interface Served {
  readonly objects: readonly JsonObject[];
  /** Text of a log; undefined: the container has none. */
  readonly log?: (target: {
    namespace: string;
    pod: string;
    container: string;
    previous: boolean;
  }) => string | undefined;
  /** Groups that are not installed: `spire.spiffe.io`. */
  readonly without?: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain';
  readonly text: string;
}

/** The answer to a GET. */
export function replyTo(seen: ApiRequest, path: ApiPath | undefined, served: Served): Reply {
  const group = /^\/apis\/([^/]+)/.exec(seen.path)?.[1] ?? '';
  const missing = served.without?.includes(group) ?? false;
  if (seen.path === '/version') return json({ major: '1', minor: '34', gitVersion: 'v1.34.2' });
  if (/^\/apis\/[^/]+$/.test(seen.path) && !missing) return json({ kind: 'APIGroup', versions: versionsOf(group) });
  if (path === undefined || missing) return statusReply(404, 'the server could not find the requested resource');
  if (seen.verb === 'log') return logReply(seen, served);
  if (seen.verb === 'list') return json(listPage(served.objects, path, seen.query));
  const found = served.objects.find(
    (object) =>
      object.kind === path.kind &&
      dig(object, 'metadata', 'name') === path.name &&
      dig(object, 'metadata', 'namespace') === path.namespace,
  );
  return found ? json(found) : statusReply(404, `${path.kind.toLowerCase()}s "${path.name}" not found`);
}

export function statusReply(status: number, message: string): Reply {
  return { ...json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status }), status };
}

function json(body: unknown): Reply {
  return { status: 200, type: 'application/json', text: JSON.stringify(body) };
}

function versionsOf(group: string): readonly { readonly version: string }[] {
  const paths = Object.values(SERVED).filter((path) => path.startsWith(`/apis/${group}/`));
  return [...new Set(paths.map((path) => path.split('/')[3] ?? ''))].map((version) => ({ version }));
}

function logReply({ namespace = '', name = '', query }: ApiRequest, { log }: Served): Reply {
  const text = log?.({
    namespace,
    pod: name,
    container: query.get('container') ?? '',
    previous: query.get('previous') === 'true',
  });
  if (text === undefined) return statusReply(400, `container in pod "${name}" is waiting to start: PodInitializing`);
  const lines = text.split('\n').filter((line) => line !== '');
  const tail = lines.slice(-Number(query.get('tailLines') ?? 1e9)).map((line) => `${line}\n`);
  return { status: 200, type: 'text/plain', text: tail.join('').slice(0, Number(query.get('limitBytes') ?? 1e9)) };
}
