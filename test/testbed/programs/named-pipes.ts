import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { spawner } from '../sandbox/small-process.ts';

/** Made at a time: a program has to do it. */
const BATCH = 64;

const made: string[] = [];
let last: Promise<unknown> = Promise.resolve();

/** The path of a named pipe that nobody else has, to be moved where it is wanted; of this process's user alone. */
export function namedPipe(): Promise<string> {
  const next = last.then(async () => {
    const pipe = made.pop() ?? (await makePipes());
    if (pipe === undefined) throw new Error('no named pipe could be made');
    return pipe;
  });
  last = next.catch(() => undefined);
  return next;
}

async function makePipes(): Promise<string | undefined> {
  const { start, directory } = await spawner();
  const place = mkdtempSync(join(directory, 'pipes-'));
  const paths = Array.from({ length: BATCH }, (_, index) => join(place, String(index)));
  const code = await start(['mkfifo', ...paths]).ended;
  if (code !== 0) throw new Error(`mkfifo ended with ${code}`);
  made.push(...paths);
  return made.pop();
}
