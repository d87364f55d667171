import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { dig } from '../../../src/evidence/json.ts';
import type { PodRuntime, Store } from '../seams.ts';
import { type ExecProtocol, exitStatus, notUpgradedStatus, refusedStatus } from './exec-status.ts';
import { carry, greet, sayHowItEnded, type Wanted } from './exec-stream.ts';
import { forbidden } from './forbidden.ts';
import type { Authorize, RequestInfo, UpgradeHandler } from './handlers.ts';
import type { InterruptionOf } from './interruption.ts';
import { type ChosenContainer, chosenContainer, isScheduled } from './pod-containers.ts';
import { badRequest, StatusError } from './status.ts';

export interface ExecOptions {
  readonly store: Pick<Store, 'get'>;
  readonly runtime: Pick<PodRuntime, 'exec'>;
  readonly authorize: Authorize;
  /** Whether `create` on pods/exec is demanded after `get`, as Kubernetes does since 1.35. */
  readonly needsCreate: boolean;
  /** What the server speaks, the one it likes most first. */
  readonly protocols: readonly ExecProtocol[];
  readonly interruption?: InterruptionOf;
}

export interface ExecHandler {
  readonly accept: UpgradeHandler;
  /** Breaks every exec off. */
  readonly close: () => void;
}

/** The biggest message that a client may send, bytes. */
const MESSAGE_LIMIT = 8 * 2 ** 20;

/** `…/pods/NAME/exec` over a WebSocket. SPDY is not spoken. */
export function execHandler(options: ExecOptions): ExecHandler {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_LIMIT,
    handleProtocols: (offered) => options.protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  const accept = async (info: RequestInfo, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    demandCreate(info, options);
    const chosen = chosenContainer(options.store, info);
    const command = info.query.getAll('command');
    const wanted = wantedStreams(info.query);
    if (command.length === 0) throw badRequest('you must specify at least one command for the container');
    if (!isScheduled(chosen.pod)) throw badRequest(`pod ${chosen.ref.pod} does not have a host assigned`);
    const protocol = negotiated(request, options.protocols);
    const missing = isRunning(chosen) ? undefined : `container not found (${JSON.stringify(chosen.ref.container)})`;
    // Version 4 goes through to the kubelet, which refuses before the upgrade.
    if (missing !== undefined && protocol === 'v4.channel.k8s.io') throw new StatusError(500, 'InternalError', missing);
    const client = await upgrade(server, request, socket, head);
    // What comes before the command runs has to wait for it.
    client.pause();
    await greet(client, wanted);
    if (missing !== undefined) {
      client.resume();
      return sayHowItEnded(client, notUpgradedStatus(missing));
    }
    await run(client, chosen, command, wanted, protocol, options, request);
  };
  return {
    accept,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

async function run(
  client: WebSocket,
  { ref }: ChosenContainer,
  command: readonly string[],
  wanted: Wanted,
  protocol: ExecProtocol,
  { runtime, interruption }: ExecOptions,
  request: IncomingMessage,
): Promise<void> {
  try {
    const running = await runtime.exec(ref, command);
    client.resume();
    if ('refused' in running) return await sayHowItEnded(client, refusedStatus(running.refused, protocol));
    if (client.readyState !== client.OPEN) running.kill();
    const statusOf = (exit: number) => exitStatus(exit, protocol, command);
    await carry(client, running, wanted, statusOf, interruption?.(request));
  } catch (error) {
    client.resume();
    await sayHowItEnded(client, refusedStatus(String(error), protocol));
  }
}

function demandCreate(info: RequestInfo, { needsCreate, authorize }: ExecOptions): void {
  if (!needsCreate || info.verb === 'create') return;
  const request = { ...info, about: 'resource', verb: 'create' } as const;
  const decision = authorize(request);
  if (!decision.allowed) throw forbidden(request, decision);
}

function wantedStreams(query: URLSearchParams): Wanted {
  const flag = (key: string) => ['true', '1'].includes(query.get(key) ?? '');
  const wanted = { stdin: flag('stdin'), stdout: flag('stdout'), stderr: flag('stderr'), tty: flag('tty') };
  if (wanted.stdin || wanted.stdout || wanted.stderr) return wanted;
  throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
}

function negotiated(request: IncomingMessage, spoken: readonly ExecProtocol[]): ExecProtocol {
  if ((request.headers.upgrade ?? '').toLowerCase() !== 'websocket')
    throw badRequest(`unable to upgrade: ${request.headers.upgrade ?? 'nothing'} is not spoken here`);
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const protocol = spoken.find((one) => offered.includes(one));
  if (protocol !== undefined) return protocol;
  const both = `client supports [${offered.join(' ')}], server accepts [${spoken.join(' ')}]`;
  throw badRequest(`unable to upgrade: unable to negotiate protocol: ${both}`);
}

function isRunning({ status }: ChosenContainer): boolean {
  return dig(status, 'state', 'running') !== undefined;
}

function upgrade(server: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  return new Promise((resolve) => {
    server.handleUpgrade(request, socket, head, (client) => {
      // A message that is too big, or a frame that is none: the close that follows is enough.
      client.on('error', () => undefined);
      resolve(client);
    });
  });
}
