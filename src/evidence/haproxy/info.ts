/** What is read of a worker's `show info`. */
export interface WorkerInfo {
  readonly version: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  /** A worker that only waits for its last connections to end. */
  readonly stopping: boolean;
}

/** Reads `show info`; undefined when it is something else. */
export function parseInfo(text: string): WorkerInfo | undefined {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 2).trim());
  }
  const version = values.get('Version');
  const pid = Number(values.get('Pid'));
  if (version === undefined || !Number.isInteger(pid)) return undefined;
  const uptime = Number(values.get('Uptime_sec'));
  return {
    version,
    pid,
    uptimeSeconds: Number.isFinite(uptime) ? uptime : 0,
    stopping: values.get('Stopping') === '1',
  };
}

/** Reads `show version`: one line that begins with a number. */
export function parseVersion(text: string): string | undefined {
  const line = text.trim();
  return /^\d+\.\d+[\w.+~-]{0,64}$/.test(line) ? line : undefined;
}
