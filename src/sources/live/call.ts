import type { Json } from '../../evidence/json.ts';
import type { RequestCounts } from '../../evidence/snapshot.ts';
import type { Budget } from './budget.ts';
import type { Connection } from './connection.ts';
import type { Failure } from './failure.ts';
import { get, type HttpResult } from './http.ts';
import { Limit } from './limit.ts';
import { parseJson } from './refusal.ts';
import type { LiveIo } from './request.ts';
import { judgeFailure, judgeStatus, retrying, type Verdict } from './retry.ts';
import type { ServerClock } from './server-clock.ts';

export interface CallOptions {
  readonly kind: keyof RequestCounts;
  /** Largest body to accept. */
  readonly maxBytes: number;
  /** A 200 that is not JSON is taken for a fault on the way, and asked for again. */
  readonly json?: boolean;
}

/** An answer, parsed when JSON was asked for and came. */
export type CallResult = HttpResult & { readonly json?: Json };

export interface CallerSettings {
  readonly budget: Budget;
  readonly clock: ServerClock;
  /** For one request. */
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** Sends GETs: bounded, counted, retried where a retry can help. */
export class Caller {
  readonly counts: { -readonly [K in keyof RequestCounts]: number } = { list: 0, exec: 0, log: 0, other: 0 };
  readonly connection: Connection;
  readonly io: LiveIo;
  readonly settings: CallerSettings;
  readonly #limit: Limit;
  /** True once the server has answered anything at all. */
  heard = false;
  #firstFailure: Failure | undefined;

  constructor(connection: Connection, io: LiveIo, settings: CallerSettings) {
    this.connection = connection;
    this.io = io;
    this.settings = settings;
    this.#limit = new Limit(settings.concurrency);
  }

  get budget(): Budget {
    return this.settings.budget;
  }

  get clock(): ServerClock {
    return this.settings.clock;
  }

  /** Why nobody answers; undefined as soon as the server has answered once. */
  get unreachable(): Failure | undefined {
    return this.heard ? undefined : this.#firstFailure;
  }

  /** One call more at the same time, in the place of something else that is over. */
  lend(): void {
    this.#limit.widen();
  }

  async call(path: string, options: CallOptions): Promise<CallResult> {
    return await this.#limit.run(async () => {
      const result = await retrying(
        () => this.#once(path, options),
        (answer) => judgeAnswer(answer, options),
        this,
      );
      if (result.state === 'failure' && result.failure.kind !== 'stopped') this.#firstFailure ??= result.failure;
      return result;
    });
  }

  async #once(path: string, { kind, maxBytes, json }: CallOptions): Promise<CallResult> {
    // Nobody is there: asking for the next thing would only wait as long again.
    if (this.unreachable) return { state: 'failure', failure: this.unreachable };
    const sentAt = this.io.now();
    this.counts[kind] += 1;
    const { budget, clock, timeoutMs } = this.settings;
    const result = await get(this.connection, {
      path,
      maxBytes,
      timeoutMs,
      signal: budget.signal,
      timer: this.io.timer,
    });
    if (result.state === 'failure') return result;
    this.heard = true;
    clock.observe(result.headers.date, sentAt);
    const parsed = json && result.status === 200 ? parseJson(result.body) : undefined;
    return parsed === undefined ? result : { ...result, json: parsed };
  }
}

function judgeAnswer(result: CallResult, { json }: CallOptions): Verdict {
  if (result.state === 'failure') return judgeFailure(result.failure);
  if (result.status === 200 && json && result.json === undefined) return {};
  return judgeStatus(result.status, result.headers['retry-after']);
}
