/** Runs at most so many actions at the same time, in the order in which they came. */
export class Limit {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = Math.max(1, size);
  }

  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await action();
    } finally {
      this.widen();
    }
  }

  /** One action more from now on: the one that waits longest, or the next that comes. */
  widen(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
