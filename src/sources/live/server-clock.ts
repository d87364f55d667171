/** A `Date` header has whole seconds, and an answer takes its time: below this, nothing is known to differ. */
const NOISE_MS = 2000;

/** The API server's clock, worked out from its `Date` headers against the local one. */
export class ServerClock {
  readonly #now: () => number;
  /** Server minus local, from the quickest answer so far. */
  #offset = 0;
  #quickest = Number.POSITIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes in the `Date` header of an answer to a request that was sent at `sentAt` (local clock). */
  observe(date: string | undefined, sentAt: number): void {
    const server = Date.parse(date ?? '');
    const took = this.#now() - sentAt;
    if (Number.isNaN(server) || took < 0 || took >= this.#quickest) return;
    this.#quickest = took;
    // The header cuts off a fraction of a second: half a second on average.
    const offset = server + 500 - (sentAt + took / 2);
    this.#offset = Math.abs(offset) < NOISE_MS ? 0 : Math.round(offset / 1000) * 1000;
  }

  /** Server minus local, milliseconds; 0 when they agree as far as can be seen. */
  get offset(): number {
    return this.#offset;
  }

  /** Epoch milliseconds by the API server's clock. */
  now(): number {
    return this.#now() + this.#offset;
  }

  /** RFC 3339 by the API server's clock. */
  timestamp(): string {
    return new Date(this.now()).toISOString();
  }
}
