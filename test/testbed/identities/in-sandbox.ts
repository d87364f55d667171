import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxCommand } from '../sandbox/command.ts';
import type { ProcessSandbox } from '../sandbox/start.ts';
import type { Exit, RunningProgram } from '../seams.ts';

const GRACE_MS = 5_000;

/** A program whose image holds nothing else, so that no command can be run beside it. */
export function inSandbox(
  sandbox: ProcessSandbox,
  command: SandboxCommand,
  lines: Promise<void>,
  {
    onEnd = async () => undefined,
    probe,
  }: { readonly onEnd?: () => Promise<void>; readonly probe: NonNullable<RunningProgram['probe']> },
): RunningProgram {
  const ended = command.ended.then(async (code): Promise<Exit> => {
    await lines;
    await onEnd();
    await sandbox.close();
    return { code };
  });
  return {
    ended,
    probe,
    stop: async () => {
      command.signal('SIGTERM');
      await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
      command.kill();
      await ended;
    },
  };
}
