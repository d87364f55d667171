import type { Duplex } from 'node:stream';

/** How many there are now, at most were at a time, and have been in all. */
export interface Tally {
  readonly now: number;
  readonly most: number;
  readonly all: number;
}

/** Counts connections from when it is told of them until they close. */
export function tallyOf<T extends Duplex>(tellMe: (count: (connection: T) => void) => void): Tally {
  const tally = { now: 0, most: 0, all: 0 };
  tellMe((connection) => {
    tally.now += 1;
    tally.all += 1;
    tally.most = Math.max(tally.most, tally.now);
    connection.once('close', () => {
      tally.now -= 1;
    });
  });
  return tally;
}
