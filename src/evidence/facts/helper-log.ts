import type { FactReader } from '../catalogue.ts';
import { readHelperLog } from '../logs/helper-log.ts';
import { absent, chainReading, known, type Reading } from '../reading.ts';
import type { Subject } from '../subject.ts';
import type { World } from '../world.ts';
import { podOf } from './pod.ts';

/** What one spiffe-helper said since its container started; times are epoch milliseconds. */
export interface HelperLogView {
  readonly helper: string;
  readonly containerStartedAt?: number;
  readonly lines: readonly LogLine[];
  /** Last `X.509 certificates updated`: everything was written. */
  readonly lastUpdate?: LogLine;
  /** Distinct SPIFFE IDs in the last batch of `Received update` lines. */
  readonly receivedIds: readonly string[];
  /** Last failure to reach the Workload API, when no later line shows that it was overcome. */
  readonly dialError?: DialError;
  /** Last error of any kind that no later update cleared. */
  readonly lastError?: LogLine;
  /** The beginning was cut off by the log's bound. */
  readonly truncated: boolean;
}

export interface LogLine {
  readonly at: number;
  readonly text: string;
}

export interface DialError extends LogLine {
  /** Path that was dialled. */
  readonly path: string;
  readonly reason: 'no such file or directory' | 'connection refused' | 'permission denied' | 'other';
}

/** One view per helper whose log was seen. Unknown when a helper's log was not collected. */
export const helperLogs: FactReader<readonly HelperLogView[]> = {
  gather: ['pods', 'helper-logs'],
  read: (world, subject) => world.memoOf(subject.ref, 'helper-logs', () => readAll(world, subject)),
};

function readAll(world: World, subject: Subject): Reading<readonly HelperLogView[]> {
  return chainReading(podOf(world, subject), (pod, from) => {
    const helpers = pod.containers.filter(({ role }) => role === 'spiffe-helper');
    if (helpers.length === 0) return absent('container', 'a container that runs spiffe-helper', from);
    const views: HelperLogView[] = [];
    for (const { name, status } of helpers) {
      const log = world.log(pod.ref.namespace ?? '', pod.ref.name, name);
      // A crashing container's own words are in the log of its previous run.
      const previous = world.log(pod.ref.namespace ?? '', pod.ref.name, name, { previous: true });
      if (log.state === 'unknown' && previous.state !== 'known') return log;
      const startedAt = status?.state.now === 'running' ? status.state.startedAt : undefined;
      const text = log.state === 'known' ? log.value.text : '';
      const before = previous.state === 'known' && startedAt === undefined ? previous.value.text : '';
      views.push(
        readHelperLog({
          helper: name,
          text: before + text,
          truncated: log.state === 'known' && log.value.truncated,
          ...(startedAt === undefined ? {} : { startedAt }),
        }),
      );
    }
    return known(views, { ...from, field: `log of ${helpers.map(({ name }) => name).join(', ')}` });
  });
}
