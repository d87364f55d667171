import { Readable, Writable } from 'node:stream';
import { outcome } from '../sandbox/command.ts';
import type { ContainerRef, PodRuntime, RunningCommand } from '../seams.ts';

/** A runtime that runs a command once, and plays back what came of it from then on. */
export interface ReplayedRuntime extends PodRuntime {
  /** What the commands have printed to standard output so far. */
  readonly outputs: () => readonly Buffer[];
}

interface Played {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Exit status. */
  readonly code: number;
}

/** Hundreds of runs look into the same pods, where nothing changes meanwhile. */
export function replayedRuntime(runtime: PodRuntime): ReplayedRuntime {
  const played = new Map<string, Played>();
  return {
    log: runtime.log,
    address: runtime.address,
    exec: async (ref, command) => {
      const key = keyOf(ref, command);
      const before = played.get(key);
      if (before) return play(before);
      const running = await runtime.exec(ref, command);
      if ('refused' in running) return running;
      const { stdout, stderr, code } = await outcome(running);
      const now = { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), code };
      played.set(key, now);
      return play(now);
    },
    outputs: () => [...played.values()].map(({ stdout }) => stdout),
  };
}

function play({ stdout, stderr, code }: Played): RunningCommand {
  const out = Readable.from([stdout]);
  const err = Readable.from(stderr.length > 0 ? [stderr] : []);
  const ended = Promise.all([out, err].map((stream) => new Promise((resolve) => stream.once('close', resolve))));
  return {
    stdin: new Writable({ write: (_chunk, _encoding, done) => done() }),
    stdout: out,
    stderr: err,
    ended: ended.then(() => code),
    kill: () => {
      out.destroy();
      err.destroy();
    },
  };
}

function keyOf({ namespace, pod, container }: ContainerRef, command: readonly string[]): string {
  return JSON.stringify([namespace, pod, container, command]);
}
