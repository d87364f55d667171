import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { kill } from 'node:process';
import type { RunningCommand } from '../seams.ts';

/** A command of a sandbox, which can also be sent a signal. */
export interface SandboxCommand extends RunningCommand {
  /** Sends it to the command itself, not to what it started. */
  readonly signal: (name: NodeJS.Signals) => void;
}

/** What a command that has ended said. */
export interface Outcome {
  /** Exit status; 128 + n after signal n. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts nsenter and whatever it is to run; `kill` ends both and what they started, unless that left their process group. */
export function startCommand(nsenter: readonly string[], stdin: string | Buffer | undefined): SandboxCommand {
  const child = spawn('nsenter', nsenter, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: {} });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  // Whoever waits for it hears of it there.
  ended.catch(() => undefined);
  // A command need not read what it is given.
  child.stdin.on('error', () => undefined);
  if (stdin !== undefined) child.stdin.end(stdin);
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: () => {
      if (running() && child.pid !== undefined) send(-child.pid, 'SIGKILL');
    },
    signal: (name) => {
      if (!running() || child.pid === undefined) return;
      for (const pid of childrenOf(child.pid)) send(pid, name);
    },
  };
}

/** Waits for the end, and takes everything it says until then. */
export async function outcome(command: RunningCommand): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  command.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  command.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  return { code: await command.ended, stdout, stderr };
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // The name in brackets may hold anything; the parent is the second field after it.
        const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ');
        return Number(fields[1]) === parent;
      } catch {
        return false;
      }
    });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    kill(pid, signal);
  } catch {
    // It has just ended.
  }
}
