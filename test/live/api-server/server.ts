import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ExecAnswer, type ExecCall, type ExecEnding, execEndpoint } from './exec-endpoint.ts';
import type { ApiRequest, Fault, FaultFor } from './faults.ts';
import { type ApiPath, parsePath } from './kinds.ts';
import { type Reply, replyTo, type Served, statusReply } from './reply.ts';
import { serverCertificate } from './server-certificate.ts';
import { type Tally, tallyOf } from './tally.ts';

export interface ApiServerOptions extends Served {
  readonly exec?: (call: ExecCall) => ExecAnswer | Promise<ExecAnswer>;
  readonly fault?: FaultFor;
  readonly protocols?: readonly string[];
  /** The server's clock; epoch milliseconds. */
  readonly now?: () => number;
  /** The bearer token that it wants; `good-token` unless given. */
  readonly token?: string;
  /** Told of every request as it comes in. */
  readonly onRequest?: (request: ApiRequest) => void;
  /** How an exec ends; with the connection unless given. */
  readonly execEnding?: ExecEnding;
  /** Told when a request is left hanging. */
  readonly onHang?: (request: ApiRequest) => void;
  /** What the answer waits for, unless it is an exec's. */
  readonly hold?: (request: ApiRequest) => Promise<void> | undefined;
  /** Told when an answer was sent, unless it is an exec's. */
  readonly onAnswered?: (request: ApiRequest) => void;
}

export interface ApiServer {
  readonly url: string;
  /** A kubeconfig with one context, `test`, namespace `haptic`. */
  readonly kubeconfig: () => string;
  readonly writeKubeconfig: (file: string) => void;
  /** All that came in, oldest first. */
  readonly requests: readonly ApiRequest[];
  /** Connections whose TLS handshake is over. */
  readonly connections: Tally;
  readonly close: () => Promise<void>;
}

const GARBAGE: ExecAnswer = { stdout: '<html>Bad gateway</html>', exit: 1 };

/** An HTTPS server that answers like the Kubernetes API for reading, with faults where a test wants them. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { ca, cert, key } = await serverCertificate();
  const token = options.token ?? 'good-token';
  const requests: ApiRequest[] = [];
  const times = new Map<string, number>();
  const endpoint = execEndpoint(options.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io'], options.execEnding);
  const take = (
    request: IncomingMessage,
  ): { seen: ApiRequest; path: ApiPath | undefined; fault: Fault | undefined } => {
    const seen = describe(request, (key) => {
      const before = times.get(key) ?? 0;
      times.set(key, before + 1);
      return before;
    });
    requests.push(seen);
    options.onRequest?.(seen);
    const authorized = request.headers.authorization === `Bearer ${token}`;
    const fault: Fault | undefined = authorized
      ? options.fault?.(seen)
      : { fault: 'status', status: 401, message: 'Unauthorized' };
    return { seen, path: parsePath(seen.path), fault };
  };
  const server = createServer({ cert, key, maxHeaderSize: 2 ** 20 }, async (request, response) => {
    if (options.now) response.setHeader('date', new Date(options.now()).toUTCString());
    const { seen, path, fault } = take(request);
    response.on('finish', () => options.onAnswered?.(seen));
    await options.hold?.(seen);
    if (fault?.fault === 'hang') options.onHang?.(seen);
    else if (fault?.fault === 'reset') request.socket.destroy();
    else if (fault?.fault === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      send(response, statusReply(fault.status, fault.message ?? ''), undefined);
    } else send(response, replyTo(seen, path, options), fault);
  });
  const connections = tallyOf<Duplex>((count) => server.on('secureConnection', count));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { seen, path, fault } = take(request);
    if (fault?.fault === 'reset') return socket.destroy();
    if (fault?.fault === 'status') return refuseUpgrade(socket, fault);
    const call = {
      namespace: path?.namespace ?? '',
      pod: path?.name ?? '',
      container: seen.query.get('container') ?? '',
      command: seen.query.getAll('command'),
    };
    if (fault?.fault === 'hang') options.onHang?.(seen);
    const played =
      fault?.fault === 'hang'
        ? 'hang'
        : fault?.fault === 'garbage'
          ? GARBAGE
          : (options.exec?.(call) ?? { stdout: '' });
    endpoint.accept(request, socket, head, played, cutOf(fault));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = () => kubeconfigFor(url, ca, token);
  return {
    url,
    kubeconfig,
    writeKubeconfig: (file) => writeFileSync(file, kubeconfig(), { mode: 0o600 }),
    requests,
    connections,
    close: () => {
      endpoint.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Half an answer of a probe is no answer when its first frame is not whole. */
function cutOf(fault: Fault | undefined): number | undefined {
  return fault?.fault === 'cut-exec' ? fault.bytes : fault?.fault === 'half' ? 10 : undefined;
}

/** `timesBefore` counts how often it was called with the same key. */
function describe(request: IncomingMessage, timesBefore: (key: string) => number): ApiRequest {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const path = parsePath(url.pathname);
  const verb =
    path === undefined
      ? 'other'
      : path.subresource === 'log'
        ? 'log'
        : path.subresource === 'exec'
          ? 'exec'
          : path.name === undefined
            ? 'list'
            : 'get';
  return {
    verb,
    kind: path?.kind ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    before: timesBefore(`${verb} ${url.pathname}`),
    ...(path?.namespace === undefined ? {} : { namespace: path.namespace }),
    ...(path?.name === undefined ? {} : { name: path.name }),
  };
}

function send(response: ServerResponse, { status, text, type }: Reply, fault: Fault | undefined): void {
  response.statusCode = status;
  response.setHeader('content-type', type);
  if (fault?.fault === 'garbage') response.end('<html>Bad gateway</html>');
  else if (fault?.fault === 'cut-json') response.end(text.slice(0, text.length / 2));
  else if (fault?.fault === 'half') {
    response.setHeader('content-length', text.length + 1000);
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  } else response.end(text);
}

function refuseUpgrade(socket: Duplex, { status, message = '', retryAfter }: Fault & { fault: 'status' }): void {
  const { text } = statusReply(status, message);
  const retry = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`;
  const head = `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  socket.end(`${head}${retry}Connection: close\r\n\r\n${text}`);
}

function kubeconfigFor(url: string, ca: string, token: string): string {
  const cluster = {
    server: url,
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
    'tls-server-name': 'localhost',
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'jane', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'jane', namespace: 'haptic' } }],
  });
}
