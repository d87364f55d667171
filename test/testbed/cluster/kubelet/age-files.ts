import { lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Moves the times of everything below a directory this many milliseconds into the past. */
export function ageFiles(directory: string, milliseconds: number): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) ageFiles(path, milliseconds);
    const times = lstatSync(path, { throwIfNoEntry: false });
    // Programs may take away a file meanwhile.
    if (times) lutimesSync(path, (times.atimeMs - milliseconds) / 1000, (times.mtimeMs - milliseconds) / 1000);
  }
}
