import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { forbidden } from './forbidden.ts';
import type { AuthorizationRequest, Authorize, UserInfo } from './handlers.ts';
import { StatusError } from './status.ts';

/** Whose tokens there are. */
export type Tokens = ReadonlyMap<string, UserInfo>;

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const AUTHENTICATED = 'system:authenticated';

/** Who sends a request: by client certificate (CN is the user, O the groups) or bearer token. Throws a 401. */
export function authenticated(request: IncomingMessage, tokens: Tokens): UserInfo {
  const { socket, headers } = request;
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  const known = bearer === undefined ? undefined : tokens.get(bearer);
  if (known) return withImplied(known);
  if (bearer !== undefined || !(socket instanceof TLSSocket) || !socket.authorized) throw unauthorized();
  const shown = byConnection.get(socket) ?? certified(socket);
  byConnection.set(socket, shown);
  return shown;
}

/** A connection has one certificate, and Node reads it anew each time. */
const byConnection = new WeakMap<TLSSocket, UserInfo>();

function certified(socket: TLSSocket): UserInfo {
  const { CN, O } = socket.getPeerCertificate().subject ?? {};
  const [user] = textsOf(CN);
  if (user === undefined) throw unauthorized();
  return withImplied({ user, groups: textsOf(O) });
}

/** The user that the request wants to be, if it may. Throws a 403. */
export function impersonated(request: IncomingMessage, real: UserInfo, authorize: Authorize): UserInfo {
  const { headers } = request;
  const user = one(headers['impersonate-user']);
  const groups = many(request, 'impersonate-group');
  const uid = one(headers['impersonate-uid']);
  const extra = Object.fromEntries(
    Object.keys(headers)
      .filter((name) => name.startsWith('impersonate-extra-'))
      .map((name): [string, readonly string[]] => [
        decodeURIComponent(name.slice('impersonate-extra-'.length)),
        many(request, name),
      ]),
  );
  if (user === undefined) {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return real;
    throw new StatusError(500, 'InternalError', 'Internal error occurred: requested [] without impersonating a user');
  }
  const [, namespace, account] = SERVICE_ACCOUNT.exec(user) ?? [];
  const authentication = 'authentication.k8s.io';
  const asked: readonly Asked[] = [
    namespace === undefined || account === undefined
      ? { group: '', resource: 'users', name: user }
      : { group: '', resource: 'serviceaccounts', namespace, name: account },
    ...groups.map((name): Asked => ({ group: '', resource: 'groups', name })),
    ...(uid === undefined ? [] : [{ group: authentication, resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name): Asked => ({ group: authentication, resource: 'userextras', subresource, name })),
    ),
  ];
  for (const target of asked) {
    const wanted: AuthorizationRequest = { ...real, about: 'resource', verb: 'impersonate', ...target };
    const decision = authorize(wanted);
    if (!decision.allowed) throw forbidden(wanted, decision);
  }
  return withImplied({
    user,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  });
}

interface Asked {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** With the groups that a user is in without being put there. */
function withImplied(user: UserInfo): UserInfo {
  const [, namespace] = SERVICE_ACCOUNT.exec(user.user) ?? [];
  const accounts = namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return { ...user, groups: [...new Set([...user.groups, ...accounts, AUTHENTICATED])] };
}

function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

function textsOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

function one(value: string | readonly string[] | undefined): string | undefined {
  const [first] = textsOf(value);
  return first === undefined || first === '' ? undefined : first;
}

/** A header that may come several times: Node joins those that it does not know. */
function many({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}
