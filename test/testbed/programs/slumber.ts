import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Mount } from '../seams.ts';
import { namedPipe } from './named-pipes.ts';

/** Where a container finds its own `sleep`; belongs first in PATH. */
export const SLUMBER = '/run/slumber';

/** A container's `sleep`, which a test can cut short. */
export interface Slumber {
  readonly mount: Mount;
  /** Ends the sleep that goes on, or else the next one, and resolves when the script has come to a sleep as long as that one again. */
  readonly tick: () => Promise<void>;
  /** Whether the container's script has ever slept. */
  readonly hasSlept: () => boolean;
  /** Whoever waits for a tick hears that there will be none. */
  readonly close: () => void;
}

/** Says when it sleeps and by which tick, if any, it was woken; without a tick it sleeps as long as it should. */
const SLEEP = `#!/bin/bash
case $1 in
  *m) seconds=$((\${1%m} * 60)) ;;
  *h) seconds=$((\${1%h} * 3600)) ;;
  infinity) seconds=1000000 ;;
  *) seconds=\${1%s} ;;
esac
echo "asleep $seconds" >>${SLUMBER}/said
tick=0
read -r -t "$seconds" tick <>${SLUMBER}/ticks
echo "awake \${tick:-0}" >>${SLUMBER}/said
exit 0
`;

interface Tick {
  readonly number: number;
  /** Seconds of the sleep that it ended; undefined: it has ended none yet. */
  slept?: number;
  readonly done: () => void;
  readonly fail: (cause: Error) => void;
}

/** Makes it for one container. */
export async function makeSlumber(): Promise<Slumber> {
  const pipes = [await namedPipe(), await namedPipe()] as const;
  const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-slumber-'));
  chmodSync(directory, 0o755);
  writeFileSync(join(directory, 'sleep'), SLEEP, { mode: 0o755 });
  const ticks = openPipe(pipes[0], join(directory, 'ticks'));
  const said = new Socket({ fd: openPipe(pipes[1], join(directory, 'said')), readable: true, writable: false });
  const waiting = new Set<Tick>();
  let count = 0;
  let length = 0;
  let closed = false;
  createInterface({ input: said }).on('line', (line) => {
    const [word, value] = line.split(' ');
    if (word === 'asleep') length = Number(value);
    for (const tick of waiting) {
      if (word === 'awake' && Number(value) === tick.number) tick.slept = length;
      if (word !== 'asleep' || tick.slept === undefined) continue;
      if (length >= tick.slept) {
        waiting.delete(tick);
        tick.done();
      } else {
        // A pause within the round.
        writeSync(ticks, '0\n');
      }
    }
  });
  const tick = () =>
    new Promise<void>((done, fail) => {
      if (closed) throw new Error('the container has ended');
      count += 1;
      waiting.add({ number: count, done, fail });
      writeSync(ticks, `${count}\n`);
    });
  const close = () => {
    if (closed) return;
    closed = true;
    for (const { fail } of waiting) fail(new Error('the container ended before it slept again'));
    said.destroy();
    closeSync(ticks);
    rmSync(directory, { recursive: true, force: true });
  };
  return { mount: { from: directory, at: SLUMBER, readOnly: false }, tick, hasSlept: () => length > 0, close };
}

/** Held at both ends, so that nothing that is said gets lost and nobody waits for a partner. */
function openPipe(from: string, path: string): number {
  renameSync(from, path);
  // The container's user writes to it, whoever that is.
  chmodSync(path, 0o666);
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}
