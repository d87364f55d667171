import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Where a request can go: one Ready pod behind the Service. */
export interface Target {
  readonly pod: string;
  readonly host: string;
  readonly port: number;
}

export interface LostRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Absent: there was no Ready pod. */
  readonly pod?: string;
  /** `503`, `ECONNRESET`. */
  readonly why: string;
}

export interface TrafficRecord {
  readonly sent: number;
  readonly ok: number;
  readonly failed: readonly LostRequest[];
}

export interface Traffic {
  /** What has happened so far. */
  readonly record: () => TrafficRecord;
  /** Resolves when this many more requests have been answered, well or not. */
  readonly answered: (count: number) => Promise<void>;
  /** Ends after the request that is on its way. */
  readonly stop: () => Promise<TrafficRecord>;
}

export interface TrafficOptions {
  /** Asked before every request. */
  readonly targets: () => readonly Target[];
  /** Header of every request; `api.example.com` unless given. */
  readonly host?: string;
  /** Milliseconds between an answer and the next request; 40 unless given. */
  readonly pause?: number;
  /** Milliseconds after which a request counts as lost; 10,000 unless given. */
  readonly patience?: number;
}

/** Sends one request after the other, each over a connection of its own, to the targets in turn, and counts what is lost. */
export function startTraffic(options: TrafficOptions): Traffic {
  const { targets, host = 'api.example.com', pause = 40, patience = 10_000 } = options;
  const failed: LostRequest[] = [];
  const waiting = new Set<{ left: number; readonly done: () => void }>();
  let sent = 0;
  let ok = 0;
  let stopping = false;
  const round = async () => {
    const ready = targets();
    const target = ready[sent % Math.max(1, ready.length)];
    const at = Date.now();
    sent += 1;
    const answer = target === undefined ? 'no Ready pod' : await send(target, host, patience);
    if (answer === '200') ok += 1;
    else failed.push({ at, ...(target && { pod: target.pod }), why: answer });
    for (const waiter of waiting) {
      waiter.left -= 1;
      if (waiter.left > 0) continue;
      waiting.delete(waiter);
      waiter.done();
    }
  };
  const record = (): TrafficRecord => ({ sent, ok, failed: [...failed] });
  const running = (async () => {
    while (!stopping) {
      await round();
      await delay(pause);
    }
  })();
  return {
    record,
    answered: (count) =>
      new Promise((done) => {
        waiting.add({ left: count, done });
      }),
    stop: async () => {
      stopping = true;
      await running;
      return record();
    },
  };
}

/** The status, or why there is none. */
function send({ host, port }: Target, name: string, patience: number): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host, port, agent: false, headers: { Host: name, Connection: 'close' } }, (response) => {
      response.once('end', () => resolve(String(response.statusCode)));
      response.once('error', (cause) => resolve(cause.message));
      response.resume();
    });
    asked.setTimeout(patience, () => asked.destroy(new Error(`no answer for ${patience} ms`)));
    asked.once('error', (cause) => resolve('code' in cause ? String(cause.code) : cause.message));
    asked.end();
  });
}
