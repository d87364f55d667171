import { createInterface } from 'node:readline';
import type { RunningCommand } from '../seams.ts';

/** Hands every line of both outputs on, and resolves when both have ended. */
export async function forwardLines(command: RunningCommand, log: (line: string) => void): Promise<void> {
  await Promise.all(
    [command.stdout, command.stderr].map(
      (input) =>
        new Promise<void>((resolve) =>
          createInterface({ input })
            .on('line', log)
            .once('close', () => resolve()),
        ),
    ),
  );
}
