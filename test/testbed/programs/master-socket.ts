import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessSandbox } from '../sandbox/start.ts';

/** Milliseconds for an answer, and for a master that comes back. */
const PATIENCE = 20_000;
const LOOK_EVERY = 10;

/** What a master answers to a line on its socket, a path in the container. Rejects when nobody answers there. */
export async function askMaster({ root }: ProcessSandbox, socket: string, line: string): Promise<string> {
  const connection = connect({ path: root + socket, allowHalfOpen: true });
  connection.setTimeout(PATIENCE, () => connection.destroy(new Error(`${socket} does not answer`)));
  connection.end(`${line}\n`);
  return await text(connection);
}

/**
 * Waits until the master takes commands and signals again: until 3.0 it executes itself once more after it has said how
 * loading went, and what comes then is lost. Resolves also when the sandbox ends before.
 */
export async function untilSettled(sandbox: ProcessSandbox, socket: string | undefined): Promise<void> {
  const late = Date.now() + PATIENCE;
  while (socket !== undefined && Date.now() < late && existsSync(sandbox.root)) {
    const said = await askMaster(sandbox, socket, 'show proc').catch(() => '');
    if (/^(?:\d+ +worker|Permission denied)/m.test(said)) return;
    await delay(LOOK_EVERY);
  }
}
