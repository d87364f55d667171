import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { isObject, type JsonObject } from '../../../src/evidence/json.ts';
import { type DialIn, dialIn } from './dial-in.ts';
import { type FakeRuntime, fakeRuntime, podWith } from './fake-runtime.ts';
import type { RequestInfo } from './handlers.ts';
import { rbacAuthorizer } from './rbac.ts';
import { parseTarget } from './request-path.ts';
import { createStore, type ObjectStore } from './store.ts';
import { type StreamOptions, streamHandlers } from './stream-handlers.ts';

/** The stream handlers behind a server without TLS and authentication. */
export interface StreamBench {
  readonly store: ObjectStore;
  readonly runtime: FakeRuntime;
  readonly dial: DialIn['dial'];
  readonly url: string;
  readonly exec: (path: string, options?: ExecCall) => Promise<ExecEnd>;
  readonly close: () => Promise<void>;
}

export interface ExecCall {
  readonly protocols?: readonly string[];
  /** Sent when the connection stands. */
  readonly stdin?: readonly Buffer[];
  readonly during?: (client: WebSocket, channel: number, data: Buffer) => void;
}

/** What came of an exec: all of it, or the refusal of the upgrade. */
export interface ExecEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** The last message; undefined when none came. */
  readonly status?: JsonObject;
  /** WebSocket close code; or the HTTP status of a refusal. */
  readonly ended: number;
}

export type BenchOptions = Partial<Pick<StreamOptions, 'execNeedsCreate' | 'protocols'>> & {
  readonly user?: { readonly user: string; readonly groups: readonly string[] };
};

export async function startBench({ user, ...options }: BenchOptions = {}): Promise<StreamBench> {
  const store = createStore({ now: Date.now });
  const runtime = fakeRuntime();
  const { dial, interfere, interruption } = dialIn();
  const authorizer = rbacAuthorizer(store);
  const handlers = streamHandlers({ store, runtime, authorizer, now: Date.now, interruption, ...options });
  const infoOf = (method = 'GET', url = '/', headers: RequestInfo['headers']): RequestInfo => ({
    ...(user ?? { user: 'root', groups: ['system:masters'] }),
    ...parseTarget(method, url),
    headers,
  });
  const server = createServer(async (request, response) => {
    const info = infoOf(request.method, request.url, request.headers);
    if ((await interfere(info, request, { to: 'response', response })) === 'answered') return;
    const handler = handlers.responses[info.subresource ?? ''];
    if (handler) await handler(info, request, response);
    else response.end(JSON.stringify({ kind: 'List', items: [] }));
  });
  server.on('upgrade', async (request, socket, head) => {
    const info = infoOf(request.method, request.url, request.headers);
    if ((await interfere(info, request, { to: 'socket', socket })) === 'answered') return;
    await handlers.upgrades[info.subresource ?? '']?.(info, request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  store.create(podWith('web-0', { web: 'running' }), { manager: 'test' });
  return {
    store,
    runtime,
    dial,
    url: `http://127.0.0.1:${port}/api/v1/namespaces/haptic/pods`,
    exec: (path, call) => execOver(`ws://127.0.0.1:${port}/api/v1/namespaces/haptic/pods${path}`, call),
    close: async () => {
      handlers.close();
      runtime.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `/web-0/exec?…` for a command. */
export function execPath(pod: string, command: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ stdout: 'true', stderr: 'true', ...more });
  for (const word of command) query.append('command', word);
  return `/${pod}/exec?${query}`;
}

function execOver(url: string, { protocols = ['v5.channel.k8s.io'], stdin = [], during }: ExecCall = {}) {
  return new Promise<ExecEnd>((resolve) => {
    const parts: { channel: number; data: Buffer }[] = [];
    const textOf = (channel: number) =>
      Buffer.concat(parts.filter((part) => part.channel === channel).map(({ data }) => data)).toString();
    const client = new WebSocket(url, [...protocols]);
    client.on('open', () => {
      for (const data of stdin) client.send(data);
    });
    client.on('message', (message: Buffer) => {
      const [channel = -1] = message;
      parts.push({ channel, data: message.subarray(1) });
      during?.(client, channel, message.subarray(1));
    });
    client.on('unexpected-response', async (_request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const status = parsed(body);
      resolve({ stdout: '', stderr: body, ended: response.statusCode ?? 0, ...(status && { status }) });
    });
    client.on('error', () => resolve({ stdout: textOf(1), stderr: textOf(2), ended: 0 }));
    client.on('close', (code) => {
      const status = parsed(textOf(3));
      resolve({ stdout: textOf(1), stderr: textOf(2), ended: code, ...(status && { status }) });
    });
  });
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
