import type { RunningCommand } from '../seams.ts';
import type { Spawner } from './small-process.ts';

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
export function startCommand(
  spawner: Spawner,
  nsenter: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin: string | Buffer | undefined,
): SandboxCommand {
  const command = spawner.start(nsenter, { env });
  if (stdin !== undefined) command.stdin.end(stdin);
  // nsenter starts one process, which is in the namespaces.
  return { ...command, signal: (name) => command.signal(name, 'children') };
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
