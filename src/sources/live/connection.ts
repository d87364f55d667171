import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https, { type Agent, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { CannotRun } from '../../doctor/cannot-run.ts';
import { type Ahead, connectAhead, NOT_AHEAD } from './ahead.ts';
import { type Chosen, chooseContext } from './choose-context.ts';
import { type Early, NONE_EARLY, openEarly } from './early.ts';
import { type PluginIo, withExecCredential } from './exec-credential.ts';
import { impersonation } from './impersonation.ts';
import { loadKubeConfigClass } from './kube-config-class.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { withTokenOfFile } from './kubeconfig-user.ts';
import { proxyFor } from './proxy.ts';
import { rememberedLookup } from './remembered-lookup.ts';
import type { ConnectionFlags } from './request.ts';
import { shown } from './shown.ts';
import { authoritiesOfTheSystem, secureContextOf } from './trust.ts';

/** A way to the API server that has its credentials already. */
export interface Connection {
  /** For people: without credentials. */
  readonly server: string;
  readonly context?: string;
  readonly user: string;
  /** The context's namespace. */
  readonly namespace?: string;
  readonly request: (path: string, answered: (response: IncomingMessage) => void) => ClientRequest;
  /** What a WebSocket client needs beside the URL. */
  readonly socket: {
    readonly url: (path: string) => string;
    readonly options: RequestOptions & Pick<ConnectionOptions, 'secureContext'>;
  };
  readonly ahead: Ahead;
  readonly close: () => void;
}

/**
 * Reads the kubeconfig and obtains credentials, once: plug-ins and token files are asked here and never again.
 * Throws `CannotRun` with one line that says what to mend.
 *
 * @param calls so many will be made at once as soon as there is a connection
 */
export async function connect(flags: ConnectionFlags, io: PluginIo, calls = 0): Promise<Connection> {
  const KubeConfigClass = await loadKubeConfigClass();
  const chosen = chooseContext(await readKubeconfig(KubeConfigClass, flags.kubeconfig, io), flags);
  const url = new URL(chosen.cluster.server);
  const plain = url.protocol === 'http:';
  // Go lets a SOCKS5 proxy look names up; the client library does only where the scheme says so.
  const proxyUrl = (chosen.cluster.proxyUrl ?? proxyFor(url, io.env))?.replace(/^socks5:/i, 'socks5h:');
  // Like kubectl's, credentials go over TLS only.
  const user = plain ? { name: chosen.user.name } : await credentials(chosen, io);
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (plain ? 80 : 443)) };
  const lookup = rememberedLookup();
  const early = proxyUrl || plain ? NONE_EARLY : openEarly({ ...address, lookup }, calls);
  const to = { url, plain, proxyUrl, address, lookup, early };
  try {
    return await connectTo(to, chosen, user, new KubeConfigClass(), impersonation(flags, chosen.user));
  } catch (error) {
    early.close();
    throw error;
  }
}

/** The server, and the way there. */
interface Destination {
  readonly url: URL;
  /** Without TLS. */
  readonly plain: boolean;
  readonly proxyUrl: string | undefined;
  readonly address: { readonly host: string; readonly port: number };
  readonly lookup: LookupFunction;
  readonly early: Early;
}

async function connectTo(
  { url, plain, proxyUrl, address, lookup, early }: Destination,
  chosen: Chosen,
  user: User,
  config: KubeConfig,
  impersonated: Readonly<Record<string, string | string[]>>,
): Promise<Connection> {
  config.loadFromOptions({
    // The client library refuses http:// unless told not to verify TLS, of which there is none.
    clusters: [{ ...chosen.cluster, ...(proxyUrl ? { proxyUrl } : {}), ...(plain ? { skipTLSVerify: true } : {}) }],
    users: [user],
    contexts: [{ name: 'chosen', cluster: chosen.cluster.name, user: chosen.user.name }],
    currentContext: 'chosen',
  });
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new CannotRun(noCredentials(chosen, error));
  }
  const { cert, key, servername, rejectUnauthorized, auth } = options;
  const verified = !plain && rejectUnauthorized !== false;
  const ca = options.ca ?? (verified ? authoritiesOfTheSystem() : undefined);
  const secureContext = secureContextOf({ ca, cert, key }, chosen);
  // Parsing certificates for each of a thousand connections costs more than talking over them; a proxy's agent, though,
  // makes its connections itself and wants the parts.
  const tls = proxyUrl
    ? { ca, cert, key, servername, rejectUnauthorized }
    : { secureContext, servername, rejectUnauthorized };
  const agent = proxyUrl
    ? (options.agent as Agent)
    : plain
      ? new http.Agent({ keepAlive: true })
      : new https.Agent({ keepAlive: true, ...tls });
  // The agent for SOCKS makes its connections in a way of its own, and knows none of them again.
  const socks = proxyUrl?.startsWith('socks') ?? false;
  // Those for other proxies would open a tunnel for every single call.
  if (proxyUrl && !socks) Object.assign(agent, { keepAlive: true });
  const ahead = socks ? NOT_AHEAD : connectAhead(agent, early);
  const headers = headersOf(options, auth, impersonated);
  const base: RequestOptions & Pick<ConnectionOptions, 'secureContext'> = {
    ...tls,
    agent,
    headers,
    ...(proxyUrl ? {} : { lookup }),
  };
  const prefix = url.pathname.replace(/\/+$/, '');
  return {
    server: `${url.protocol}//${url.host}${prefix}`,
    ...(chosen.context === undefined ? {} : { context: chosen.context }),
    user: chosen.user.name,
    ...(chosen.namespace === undefined ? {} : { namespace: chosen.namespace }),
    request: (path, answered) =>
      (plain ? http : https).request(
        {
          ...base,
          ...address,
          path: `${prefix}${path}`,
          headers: { ...headers, accept: 'application/json', 'accept-encoding': 'gzip' },
        },
        answered,
      ),
    socket: { url: (path) => `${plain ? 'ws' : 'wss'}://${url.host}${prefix}${path}`, options: base },
    ahead,
    close: () => {
      early.close();
      ahead.keep(0);
      agent.destroy();
    },
  };
}

async function credentials(chosen: Chosen, io: PluginIo): Promise<User> {
  if (chosen.user.exec) io.onProgress(`asking the credential plug-in of user ${shown(chosen.user.name)}`);
  try {
    return await withExecCredential(withTokenOfFile(chosen.user), chosen.cluster, io);
  } catch (error) {
    throw new CannotRun(noCredentials(chosen, error));
  }
}

/** Which credentials failed, without a word of theirs. */
function noCredentials({ user, context }: Chosen, error: unknown): string {
  const who = `user '${shown(user.name)}'${context === undefined ? '' : ` (context ${shown(context)})`}`;
  const command: unknown = user.exec?.command;
  if (typeof command === 'string')
    return `the credential plug-in '${shown(command)}' of ${who} failed; run 'kubectl auth whoami' to see what it says`;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'EACCES')
    return `a certificate, key or token file of ${who} cannot be read (${code})`;
  return `no credentials could be obtained for ${who}; run 'kubectl auth whoami' to see why`;
}

function headersOf(
  options: RequestOptions,
  auth: string | null | undefined,
  more: Readonly<Record<string, string | string[]>>,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'user-agent': 'kubectl-haptic_spire' };
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file usually ends with a line break, which no header may contain.
    if (typeof value === 'string') headers[name.toLowerCase()] = value.trim();
  }
  if (auth) headers.authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
  Object.assign(headers, more);
  for (const value of Object.values(headers).flat()) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw new CannotRun('the token or a value of --as… contains characters that no HTTP header may carry');
  }
  return headers;
}
