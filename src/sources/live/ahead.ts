import type { Agent, ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Early, NONE_EARLY } from './early.ts';

/** Connections that are opened before there is a request for them, so that their handshakes cost it no time. */
export interface Ahead {
  /**
   * Sees to it that so many are waiting or on their way: opens what lacks, closes what is too much. Does nothing before
   * the agent's first connection, which shows how they are made.
   */
  readonly keep: (count: number) => void;
  /** True when the request went out over a connection that had been open for a while, and may have been lost meanwhile. */
  readonly wasKept: (request: ClientRequest) => boolean;
  /** Closes all connections that wait for a request, those that already served one too. */
  readonly dropIdle: () => void;
}

/** For an agent that cannot be told. */
export const NOT_AHEAD: Ahead = {
  keep: () => undefined,
  wasKept: ({ reusedSocket }) => reusedSocket,
  dropIdle: () => undefined,
};

type Taker = Parameters<Agent['createConnection']>[1];

/** Has an agent take connections that wait, and use those on their way, before it opens another. */
export function connectAhead(agent: Agent, early: Early = NONE_EARLY): Ahead {
  const open = agent.createConnection.bind(agent);
  const waiting = new Set<Waiting>();
  const kept = new WeakSet<Duplex>();
  let options: Parameters<typeof open>[0] | undefined;
  agent.createConnection = (those, taker) => {
    // The first ones for all: a later request's hold on to what was read over the connection before.
    options ??= { ...those };
    for (const one of waiting) {
      waiting.delete(one);
      if (!one.handTo(taker)) continue;
      if (one.socket) kept.add(one.socket);
      return undefined;
    }
    const isComing = early.take((socket) => {
      let created: ReturnType<typeof open>;
      try {
        created = open(socket ? Object.assign({ ...those }, { socket }) : those);
      } catch (error) {
        // Whoever waits for the connection need not be on the stack any more.
        socket?.destroy();
        return (taker as ((error: unknown) => void) | undefined)?.(error);
      }
      if (created) taker?.(null, created);
    });
    return isComing ? undefined : open(those, taker);
  };
  const closeAbove = (count: number) => {
    for (const one of [...waiting].slice(count)) {
      waiting.delete(one);
      one.close();
    }
  };
  return {
    keep: (count) => {
      closeAbove(count);
      for (let lacking = options ? count - waiting.size : 0; lacking > 0; lacking -= 1) {
        const one = new Waiting(() => waiting.delete(one));
        waiting.add(one);
        one.begin((created) => open({ ...options }, created));
      }
    },
    wasKept: (request) => request.reusedSocket || (request.socket !== null && kept.has(request.socket)),
    dropIdle: () => {
      closeAbove(0);
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    },
  };
}

class Waiting {
  socket: Duplex | undefined;
  #taker: Taker;
  #closed = false;
  readonly #gone: () => void;

  /** `lost` is called when the connection ends before anybody took it. */
  constructor(lost: () => void) {
    this.#gone = () => {
      lost();
      this.close();
    };
  }

  /** `open` returns the connection, or hands it over later when it goes through a proxy. */
  begin(open: (created: NonNullable<Taker>) => Duplex | null | undefined): void {
    let over = false;
    const created: NonNullable<Taker> = (error, socket) => {
      // Without TLS it is called as well as returned.
      if (over) return;
      over = true;
      if (this.#taker) this.#taker(error, socket);
      else if (error) this.#gone();
      else this.#watch(socket);
    };
    try {
      const socket = open(created);
      if (socket) created(null, socket);
    } catch {
      this.#gone();
    }
  }

  #watch(socket: Duplex): void {
    this.socket = socket;
    if (this.#closed) socket.destroy();
    // What has an error is nobody's concern yet: whoever needs a connection opens another, and meets it there.
    for (const event of ['error', 'end', 'close']) socket.on(event, this.#gone);
  }

  /** False when it is of no use any more. */
  handTo(taker: Taker): boolean {
    const { socket } = this;
    // Bytes that nobody asked for are a server's or a proxy's farewell.
    if (this.#closed || (socket && (socket.destroyed || socket.readableLength > 0))) {
      this.close();
      return false;
    }
    this.#taker = taker;
    if (!socket) return true;
    for (const event of ['error', 'end', 'close']) socket.off(event, this.#gone);
    taker?.(null, socket);
    return true;
  }

  close(): void {
    this.#closed = true;
    this.socket?.destroy();
  }
}
