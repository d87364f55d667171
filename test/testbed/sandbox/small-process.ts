import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { RunningCommand } from '../seams.ts';

/** What the spawner is told. */
export type Order =
  | {
      readonly what: 'start';
      readonly id: number;
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      /** A directory to remove after its end. */
      readonly leaves?: string;
    }
  | {
      readonly what: 'signal';
      readonly id: number;
      readonly name: NodeJS.Signals;
      readonly whom: 'group' | 'children';
    };

/** What the spawner says. */
export type Report =
  | { readonly what: 'listening' }
  | { readonly what: 'ended'; readonly id: number; readonly code: number }
  | { readonly what: 'failed'; readonly id: number; readonly message: string };

/** A process that was started, with a process group of its own. */
export interface SmallProcess extends RunningCommand {
  /** To it and all of its group, or only to those that it has started itself. */
  readonly signal: (name: NodeJS.Signals, whom: 'group' | 'children') => void;
}

/**
 * Starts processes from a small one: a fork copies the page tables of who forks, 25 ms for a test runner's process where
 * this takes 2.
 */
export interface Spawner {
  readonly start: (
    command: readonly string[],
    given?: { readonly env?: Readonly<Record<string, string>>; readonly leaves?: string },
  ) => SmallProcess;
  /** Of this process; is removed when it has ended. */
  readonly directory: string;
  /**
   * A directory in memory: making a file takes a tenth of the time. `here` is its path in this process, `there` in those
   * that are started. What is in it can be mounted there, but not read by others of this machine.
   */
  readonly memory: { readonly here: string; readonly there: string };
}

let only: Promise<Spawner> | undefined;

/** This process's own. It ends with it, and everything that it started. */
export function spawner(): Promise<Spawner> {
  only ??= startSpawner();
  return only;
}

async function startSpawner(): Promise<Spawner> {
  const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-spawner-'));
  const path = join(directory, 'socket');
  const there = join(directory, 'fast');
  mkdirSync(there);
  const child = fork(fileURLToPath(new URL('./spawner.ts', import.meta.url)), [path], {
    execPath: 'unshare',
    execArgv: ['--mount', '--propagation', 'private', execPath],
    env: { PATH: env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (report: Report) => void>();
  const keep = () => (waiting.size === 0 ? child.channel?.unref() : child.channel?.ref());
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the spawner ended with ${code}`)));
    child.once('message', () => resolve());
  });
  child.on('message', (report: Report) => {
    if (report.what === 'listening') return;
    waiting.get(report.id)?.(report);
    waiting.delete(report.id);
    keep();
  });
  // Alive only as long as something else is, or something runs.
  child.unref();
  keep();
  let count = 0;
  return {
    directory,
    memory: { here: `/proc/${child.pid}/root${there}`, there },
    start: (command, { env: variables = {}, leaves } = {}) => {
      count += 1;
      const id = count;
      const report = new Promise<Report>((resolve) => {
        waiting.set(id, resolve);
      });
      keep();
      order(child, { what: 'start', id, command, env: variables, ...(leaves === undefined ? {} : { leaves }) });
      return running(path, report, (name, whom) => {
        if (waiting.has(id)) order(child, { what: 'signal', id, name, whom });
      });
    },
  };
}

function order(child: ChildProcess, what: Order): void {
  if (child.connected) child.send(what);
}

function running(path: string, report: Promise<Report>, signal: SmallProcess['signal']): SmallProcess {
  // In this order, at once.
  const [stdin, stdout, stderr] = [connect(path), connect(path), connect(path)];
  const closed = [stdout, stderr].map(
    (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
  );
  // A command need not read what it is given, and may end before.
  for (const socket of [stdin, stdout, stderr]) socket.on('error', () => undefined);
  stdin.resume();
  const ended = report.then(async (how) => {
    stdin.destroy();
    // What nobody reads keeps nothing open.
    for (const socket of [stdout, stderr]) if (socket.readableFlowing === null) socket.resume();
    await Promise.all(closed);
    if (how.what === 'ended') return how.code;
    throw new Error(how.what === 'failed' ? how.message : 'it did not start');
  });
  // Whoever waits for it hears of it there.
  ended.catch(() => undefined);
  return { stdin, stdout, stderr, ended, kill: () => signal('SIGKILL', 'group'), signal };
}
