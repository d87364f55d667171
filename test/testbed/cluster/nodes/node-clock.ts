import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../../seams.ts';

/** Where containers of a node find how far its clock is ahead, in seconds. */
const AHEAD = '/usr/local/share/clock-ahead';

/** Comes before the real one in PATH. A process cannot have a clock of its own, but what it asks can. */
const DATE = `#!/bin/sh
read -r ahead <${AHEAD}
exec /usr/bin/date --date="$ahead seconds" "$@"
`;

/**
 * What containers on a node with another clock have of it, in a directory of this machine; nothing on a node whose clock
 * was always right. Called again when the clock has been set.
 */
export function nodeClock(directory: string, aheadMs: number): readonly Mount[] {
  const ahead = join(directory, 'ahead');
  if (aheadMs === 0 && !existsSync(ahead)) return [];
  const date = join(directory, 'date');
  mkdirSync(directory, { recursive: true });
  if (!existsSync(date)) writeFileSync(date, DATE, { mode: 0o755 });
  // In place: it is mounted.
  writeFileSync(ahead, `${Math.round(aheadMs / 1000)}\n`);
  return [
    { from: date, at: '/usr/local/bin/date', readOnly: true },
    { from: ahead, at: AHEAD, readOnly: true },
  ];
}
