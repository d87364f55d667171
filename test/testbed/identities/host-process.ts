import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from '../seams.ts';

/** A program that runs on this machine and in no sandbox. */
export interface HostProcess {
  readonly ended: Promise<Exit>;
  /** Gracefully, or after five seconds not. */
  readonly stop: () => Promise<void>;
  /** It gets no chance to clear up. */
  readonly kill: () => void;
}

const GRACE_MS = 5_000;

/** Starts it as a user and group; it ends with this process. `log` gets every line of both outputs. */
export function startOnHost(
  words: readonly string[],
  { uid, gid }: { readonly uid: number; readonly gid: number },
  log: (line: string) => void,
): HostProcess {
  const as = ['--pdeathsig=KILL', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const child = spawn('/usr/bin/setpriv', [...as, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: {}, cwd: '/' });
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', log);
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }),
    );
  });
  // Whoever waits for it hears of it there.
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await ended;
    },
    kill: () => child.kill('SIGKILL'),
  };
}
