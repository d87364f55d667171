import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PodRuntime } from '../seams.ts';
import { type Answering, answerResource } from './answer.ts';
import { answerPath } from './answer-path.ts';
import { authenticated, impersonated } from './authentication.ts';
import { ADMINISTRATOR, apiCredentials, kubeconfigOf, tokenOf } from './credentials.ts';
import { type Dial, dialIn } from './dial-in.ts';
import type { ExecProtocol } from './exec-status.ts';
import { forbidden } from './forbidden.ts';
import type { AuthorizationRequest, Authorize, Outlet, RecordedRequest, RequestInfo, UserInfo } from './handlers.ts';
import { KINDS, type ResourceKind } from './kinds.ts';
import { createLister } from './list.ts';
import { rbacAuthorizer } from './rbac.ts';
import { parseTarget } from './request-path.ts';
import { record } from './request-record.ts';
import { noSuchPath, refuseUpgrade, StatusError, sendStatus } from './status.ts';
import type { ObjectStore } from './store.ts';
import { streamHandlers } from './stream-handlers.ts';

export interface TestbedApiOptions {
  readonly store: ObjectStore;
  readonly runtime: PodRuntime;
  /** Epoch milliseconds; also what the Date header says. */
  readonly now: () => number;
  /** Groups of users that have any, besides the administrator: `{ jane: ['sre'] }`. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** API groups that are not there: `cert-manager.io`. */
  readonly without?: readonly string[];
  /** Whether exec over WebSocket demands `create`, as Kubernetes does since 1.35; true unless given. */
  readonly execNeedsCreate?: boolean;
  /** What exec speaks. */
  readonly protocols?: readonly ExecProtocol[];
}

export interface TestbedApi {
  readonly url: string;
  /** For a user (`jane`, `system:serviceaccount:haptic:haptic`), the administrator unless given; nobody has to be announced. */
  readonly kubeconfig: (user?: string) => string;
  /** All that came in from known users, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly dial: Dial;
  /** API groups that are not there; may be changed at any time. */
  readonly without: Set<string>;
  readonly close: () => Promise<void>;
}

/** An HTTPS server that is, to its clients, the API of a Kubernetes cluster. */
export async function startTestbedApi(options: TestbedApiOptions): Promise<TestbedApi> {
  const { store, runtime, now, execNeedsCreate = true } = options;
  const credentials = await apiCredentials();
  const authorizer = rbacAuthorizer(store.uncopied);
  const { dial, interfere, interruption } = dialIn();
  const handlers = streamHandlers({
    ...options,
    store: store.uncopied,
    runtime,
    authorizer,
    execNeedsCreate,
    interruption,
  });
  const without = new Set(options.without);
  const tokens = new Map<string, UserInfo>();
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Duplex>();
  const answering: Answering = { store, lister: createLister(store, now), handlers, now };
  const served = () => KINDS.filter(({ group }) => !without.has(group));
  const know = (user: string): UserInfo => {
    const info = { user, groups: user === ADMINISTRATOR ? ['system:masters'] : (options.groups?.[user] ?? []) };
    tokens.set(tokenOf(user), info);
    return info;
  };
  for (const user of Object.keys(options.groups ?? {})) know(user);
  for (const account of store.view('ServiceAccount')) knowAccount(account, know);
  const stop = store.subscribe(({ object }) => {
    if (object.kind === 'ServiceAccount') knowAccount(object, know);
  });

  /** Everything before the answer itself; undefined when there will be none, or there has been one. */
  const accept = async (request: IncomingMessage, outlet: Outlet) => {
    const user = impersonated(request, authenticated(request, tokens), authorizer.authorize);
    const info: RequestInfo = {
      ...user,
      ...parseTarget(request.method ?? 'GET', request.url ?? '/'),
      headers: request.headers,
    };
    record(requests, info, outlet, now());
    if ((await interfere(info, request, outlet)) === 'answered') return undefined;
    demand(authorizer.authorize, info);
    return { info, resource: resourceAt(served(), info) };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('date', new Date(now()).toUTCString());
    const accepted = await accept(request, { to: 'response', response });
    if (!accepted) return;
    const { info, resource } = accepted;
    if (resource) return answerResource(answering, info, resource, request, response);
    answerPath(info, { kinds: served(), release: execNeedsCreate ? '1.35.2' : '1.34.4', address }, response);
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const accepted = await accept(request, { to: 'socket', socket });
    if (!accepted) return;
    const handler = accepted.resource?.kind === 'Pod' && handlers.upgrades[accepted.info.subresource ?? ''];
    if (!handler) throw noSuchPath();
    await handler(accepted.info, request, socket, head);
  };

  const server = createServer(
    {
      ...credentials.server,
      ca: credentials.authority,
      requestCert: true,
      rejectUnauthorized: false,
      secureOptions: constants.SSL_OP_NO_TICKET,
      maxHeaderSize: 2 ** 20,
      keepAliveTimeout: 60_000,
    },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else sendStatus(response, refusalOf(error));
      });
    },
  );
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => refuseUpgrade(socket, refusalOf(error)));
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `https://${address}`,
    kubeconfig: (user = ADMINISTRATOR) => kubeconfigOf(`https://${address}`, credentials, know(user)),
    requests,
    dial,
    without,
    close: async () => {
      stop();
      handlers.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function knowAccount(object: { readonly metadata?: unknown }, know: (user: string) => unknown): void {
  const metadata = object.metadata as { readonly namespace?: string; readonly name?: string } | undefined;
  know(`system:serviceaccount:${metadata?.namespace ?? ''}:${metadata?.name ?? ''}`);
}

function demand(authorize: Authorize, info: RequestInfo): void {
  const { user, groups, uid, extra, verb, group, resource, subresource, namespace, name, path } = info;
  const who = { user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
  const wanted: AuthorizationRequest =
    resource === ''
      ? { ...who, about: 'path', verb, path }
      : {
          ...who,
          about: 'resource',
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          ...(namespace === undefined ? {} : { namespace }),
          ...(name === undefined ? {} : { name: subresource === 'proxy' ? (name.split(':')[0] ?? name) : name }),
        };
  const decision = authorize(wanted);
  if (!decision.allowed) throw forbidden(wanted, decision);
}

/** Undefined for what is no resource. Throws a 404 for a resource that nobody serves. */
function resourceAt(kinds: readonly ResourceKind[], info: RequestInfo): ResourceKind | undefined {
  if (info.resource === '') return undefined;
  const found = kinds.find(
    ({ group, version, plural }) => group === info.group && version === info.version && plural === info.resource,
  );
  if (!found) throw noSuchPath();
  return found;
}

/** What went wrong in the server itself is said, so that a test shows it. */
function refusalOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new StatusError(500, 'InternalError', `Internal error occurred: ${what}`);
}
