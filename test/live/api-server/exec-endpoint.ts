import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a container does with a command. */
export interface ExecAnswer {
  readonly stdout: string;
  readonly stderr?: string;
  /** Exit status; 0 unless given. */
  readonly exit?: number;
  /** The runtime could not start the command; its message. */
  readonly error?: string;
}

export interface ExecCall {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

export interface ExecEndpoint {
  readonly accept: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    answer: ExecAnswer | Promise<ExecAnswer> | 'hang',
    cutAt?: number,
  ) => void;
  readonly close: () => void;
}

/** How an exec ends: with the connection, with the status alone, or with output that comes after the status. */
export type ExecEnding = 'close' | 'status' | 'output';

/** Speaks the given versions of the remote-command protocol. */
export function execEndpoint(protocols: readonly string[], ending: ExecEnding = 'close'): ExecEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  return {
    accept: (request, socket, head, answer, cutAt) => {
      server.handleUpgrade(request, socket, head, (client) => {
        if (answer instanceof Promise) void answer.then((late) => play(client, late, cutAt, ending));
        else if (answer !== 'hang') play(client, answer, cutAt, ending);
      });
    },
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

function play(
  client: WebSocket,
  { stdout, stderr = '', exit = 0, error }: ExecAnswer,
  cutAt: number | undefined,
  ending: ExecEnding,
): void {
  const output = Buffer.from(stdout).subarray(0, cutAt);
  const status = channel(3, Buffer.from(JSON.stringify(statusOf(exit, error))));
  if (ending === 'output') client.send(status);
  client.send(channel(1, Buffer.alloc(0)));
  for (let at = 0; at < output.length; at += 1000) client.send(channel(1, output.subarray(at, at + 1000)));
  if (cutAt !== undefined) {
    client.send(channel(1, Buffer.alloc(0)), () => client.terminate());
    return;
  }
  if (stderr !== '') client.send(channel(2, Buffer.from(stderr)));
  if (ending !== 'output') client.send(status);
  if (ending === 'close') client.close(1000);
}

function channel(number: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(number), data]);
}

function statusOf(exit: number, error: string | undefined) {
  if (error !== undefined)
    return { metadata: {}, status: 'Failure', message: error, reason: 'InternalError', code: 500 };
  if (exit === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exit}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exit) }] },
  };
}
