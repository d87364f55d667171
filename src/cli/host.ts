/** One of the two output streams. */
export interface Output {
  /** Resolves when the bytes are handed over, or when nobody reads any more. */
  write(content: string | Uint8Array): Promise<void>;
  readonly isTTY: boolean;
  /** Width of the terminal; undefined when there is none. */
  readonly columns?: number;
}

/** Everything of the process and the machine that the commands touch. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  /** The stream behind `stderr`, for the spinner; absent: no spinner. */
  readonly spinnerStream?: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Name by which the program was called, without its folder. */
  readonly invokedAs: string;
  readonly platform: string;
  /** `Node 26.10.0 linux-x64`. */
  readonly runtime: string;
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** True when somebody sits at standard input. */
  readonly stdinIsTTY?: boolean;
  readStdin(): Promise<Uint8Array>;
  readFile(path: string): Promise<Uint8Array>;
  /** Creates a file that only its owner can read; `overwrite: false` fails with `EEXIST` when it is there. */
  writeFile(path: string, content: Uint8Array, options: { readonly overwrite: boolean }): Promise<void>;
  /** Calls `action` after so many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, action: () => void): () => void;
  /** 0 ≤ n < 1. */
  random(): number;
  /** Letters and digits, new for each call. */
  boundary(): string;
  /** From now on memory is worth more than speed. */
  spareMemory?(): void;
}

/** The command line asks for something that does not exist or contradicts itself: exit code 3. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
