import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Connection } from './connection.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Timer } from './request.ts';

export type HttpResult =
  | {
      readonly state: 'response';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
    }
  | { readonly state: 'failure'; readonly failure: Failure };

export interface HttpRequest {
  /** Path and query. */
  readonly path: string;
  readonly timeoutMs: number;
  /** Largest body to accept, in bytes, before and after decompression. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly timer: Timer;
}

/** One GET. Everything that can go wrong is a value. */
export function get(connection: Connection, request: HttpRequest): Promise<HttpResult> {
  return new Promise((resolve) => {
    let outgoing: ClientRequest | undefined;
    let settled = false;
    const settle = (result: HttpResult) => {
      if (settled) return;
      settled = true;
      cancel();
      request.signal.removeEventListener('abort', stop);
      resolve(result);
      if (result.state === 'failure') outgoing?.destroy();
    };
    const fail = (failure: Failure) => settle({ state: 'failure', failure });
    const stop = () => fail({ kind: 'stopped', words: 'the run was over' });
    const cancel = request.timer.after(request.timeoutMs, () =>
      fail({ kind: 'timeout', words: `no answer within ${request.timeoutMs} ms` }),
    );
    if (request.signal.aborted) return stop();
    request.signal.addEventListener('abort', stop, { once: true });
    try {
      outgoing = connection.request(request.path, (response) => readBody(response, request.maxBytes, settle));
      outgoing.on('error', (error) => fail(failureOf(error)));
      outgoing.end();
    } catch (error) {
      fail(failureOf(error));
    }
  });
}

function readBody(response: IncomingMessage, maxBytes: number, settle: (result: HttpResult) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const tooLarge = (): void =>
    settle({ state: 'failure', failure: { kind: 'too-large', words: `the answer is larger than ${maxBytes} bytes` } });
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) tooLarge();
    else chunks.push(chunk);
  });
  response.on('error', (error) => settle({ state: 'failure', failure: failureOf(error) }));
  response.on('close', () => {
    if (!response.complete)
      settle({
        state: 'failure',
        failure: { kind: 'reset', words: 'the connection ended in the middle of the answer' },
      });
  });
  response.on('end', () => {
    const raw = Buffer.concat(chunks);
    const body = response.headers['content-encoding'] === 'gzip' ? unzip(raw, maxBytes) : raw;
    if (!response.complete)
      settle({
        state: 'failure',
        failure: { kind: 'reset', words: 'the connection ended in the middle of the answer' },
      });
    else if (body) settle({ state: 'response', status: response.statusCode ?? 0, headers: response.headers, body });
    else tooLarge();
  });
}

/** Undefined for what is larger than allowed or not gzip. */
function unzip(raw: Buffer, maxBytes: number): Buffer | undefined {
  try {
    return gunzipSync(raw, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}
