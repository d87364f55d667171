import type { ClientRequest, IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Connection } from './connection.ts';
import { type Failure, failureOf } from './failure.ts';
import type { HttpRequest } from './http.ts';
import { parseJson } from './refusal.ts';

/** How running a command in a container went. */
export type ExecOutcome =
  /** The API server, or the kubelet through it, answered instead of connecting. */
  | { readonly state: 'refused'; readonly status: number; readonly retryAfter?: string; readonly body: Buffer }
  | {
      readonly state: 'failure';
      readonly failure: Failure;
      /** `kept`: had been open for a while and may have been lost before the request went out. */
      readonly connection: 'new' | 'kept';
    }
  | {
      readonly state: 'ran';
      readonly output: Buffer;
      /** The Status object with which the connection ended, as text; '' when none came. */
      readonly verdict: string;
      readonly ended: 'by-itself' | Failure['kind'];
    };

/** Kubernetes' remote-command protocols; version 5 adds a channel for half-closing, which nothing here needs. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDOUT = 1;
const STATUS = 3;
const MAX_STATUS_BYTES = 65_536;
/** Bytes that a last line has besides the words with which it begins, at most. */
const LAST_LINE = 32;

/**
 * Runs a command over a WebSocket and reads what it prints to standard output. Everything that can go wrong is a value.
 * `last`: with these words the last line begins that a command prints when it printed everything.
 */
export async function exec(connection: Connection, request: HttpRequest, last: string): Promise<ExecOutcome> {
  const Socket = await webSocket();
  return await new Promise((resolve) => {
    const received = new Received(request.maxBytes);
    let socket: WebSocket | undefined;
    let upgrade: ClientRequest | undefined;
    let open = false;
    let settled = false;
    const settle = (outcome: ExecOutcome) => {
      if (settled) return;
      settled = true;
      cancel();
      request.signal.removeEventListener('abort', stop);
      resolve(outcome);
      socket?.terminate();
    };
    const end = (failure: Failure) => {
      const over = upgrade && connection.ahead.wasKept(upgrade) ? 'kept' : 'new';
      settle(open ? received.outcome(failure.kind) : { state: 'failure', failure, connection: over });
    };
    const stop = () => end({ kind: 'stopped', words: 'the run was over' });
    const cancel = request.timer.after(request.timeoutMs, () =>
      end({ kind: 'timeout', words: `no answer within ${request.timeoutMs} ms` }),
    );
    if (request.signal.aborted) return stop();
    request.signal.addEventListener('abort', stop, { once: true });
    try {
      const { url, options } = connection.socket;
      socket = new Socket(url(request.path), PROTOCOLS, {
        ...options,
        perMessageDeflate: false,
        followRedirects: false,
        maxPayload: request.maxBytes,
        finishRequest: (outgoing) => {
          upgrade = outgoing;
          outgoing.end();
        },
      });
    } catch (error) {
      return end(failureOf(error));
    }
    socket.on('open', () => {
      open = true;
    });
    socket.on('message', (data) => {
      if (!received.take(bytesOf(data))) end({ kind: 'too-large', words: 'the output is too large' });
      // With all that there is to say, taking leave of each other would only be a round trip more.
      else if (received.isOver(last)) settle(received.outcome('by-itself'));
    });
    socket.on('unexpected-response', (_request, response) => readRefusal(response, settle));
    socket.on('error', (error) => end(open ? { kind: 'reset', words: 'the connection was reset' } : failureOf(error)));
    socket.on('close', (code) => {
      const orderly = received.verdict !== '' || code === 1000;
      settle(orderly ? received.outcome('by-itself') : received.outcome('reset'));
    });
  });
}

let loaded: Promise<typeof WebSocket> | undefined;

/** Loads what an exec takes, so that the first one begins at once. */
export async function prepareExec(): Promise<void> {
  await webSocket();
}

/** Loaded once; to ask the module loader again for each of a thousand pods takes as long as the execs. */
function webSocket(): Promise<typeof WebSocket> {
  loaded ??= import('ws').then((module) => module.WebSocket);
  return loaded;
}

class Received {
  readonly #output: Buffer[] = [];
  readonly #maxBytes: number;
  #size = 0;
  verdict = '';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes one message, whose first byte is its channel; false when it is one too many. */
  take(message: Buffer): boolean {
    const data = message.subarray(1);
    this.#size += message.length;
    if (message[0] === STDOUT) this.#output.push(data);
    else if (message[0] === STATUS && this.verdict.length < MAX_STATUS_BYTES) this.verdict += data.toString('utf8');
    return this.#size <= this.#maxBytes;
  }

  /** The whole Status object has come, and the last line, which some proxies might send after it. */
  isOver(last: string): boolean {
    if (!this.verdict.endsWith('}') || parseJson(Buffer.from(this.verdict)) === undefined) return false;
    const end = Buffer.concat(this.#output.slice(-2)).subarray(-last.length - LAST_LINE);
    return end.includes(`\n${last}`);
  }

  outcome(ended: 'by-itself' | Failure['kind']): ExecOutcome {
    return { state: 'ran', output: Buffer.concat(this.#output), verdict: this.verdict, ended };
  }
}

function bytesOf(data: Buffer | ArrayBuffer | readonly Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.concat(data);
}

function readRefusal(response: IncomingMessage, settle: (outcome: ExecOutcome) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const retryAfter = response.headers['retry-after'];
  const done = () =>
    settle({
      state: 'refused',
      status: response.statusCode ?? 0,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      body: Buffer.concat(chunks),
    });
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_STATUS_BYTES) chunks.push(chunk);
  });
  response.on('end', done);
  response.on('error', done);
  response.on('close', done);
}
