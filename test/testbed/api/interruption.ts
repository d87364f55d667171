import type { IncomingMessage } from 'node:http';

/** What becomes of an exec in its middle. */
export interface Interruption {
  /** `cut`: the connection breaks off without a status. `kill`: the command is killed, and the client told so. */
  readonly how: 'cut' | 'kill';
  /** Bytes of stdout that still come through. */
  readonly afterBytes: number;
}

export type InterruptionOf = (request: IncomingMessage) => Interruption | undefined;
