import type { Processes, WorkerProcess } from '../facts/haproxy-memory.ts';
import { parseVersion } from './info.ts';

const ROW =
  /^(\d{1,10}) +(master|worker) +(\d{1,9})(?: +\[failed: (\d{1,9})\])? +(\d{1,6})d(\d{2})h(\d{2})m(\d{2})s(?: |$)/;

/** Reads `show proc`; undefined when there is no master in it. Programs are passed over. */
export function parseProcesses(text: string): Processes | undefined {
  const workers: WorkerProcess[] = [];
  const oldWorkers: WorkerProcess[] = [];
  let into = workers;
  let master: { reloads: number; failedReloads: number } | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('# workers')) into = workers;
    else if (line.startsWith('# old workers')) into = oldWorkers;
    const [, pid, type, reloads, failed, days, hours, minutes, seconds] = ROW.exec(line) ?? [];
    if (type === 'master') master = { reloads: Number(reloads), failedReloads: Number(failed ?? 0) };
    if (type !== 'worker') continue;
    const uptimeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    into.push({ pid: Number(pid), uptimeSeconds });
  }
  return master && { workers, oldWorkers, ...master };
}

/** The master's version in `show proc`: the last column, under its name. */
export function parseMasterVersion(text: string): string | undefined {
  const lines = text.split('\n');
  if (!lines.some((line) => /^#<PID>.*<version> *$/.test(line))) return undefined;
  const row = lines.find((line) => ROW.exec(line)?.[2] === 'master');
  return row === undefined ? undefined : parseVersion(row.trimEnd().split(/ +/).at(-1) ?? '');
}
