import type { HelperLogView } from '../../src/evidence/facts/helper-log.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { ContainerView } from '../../src/evidence/pod-view.ts';

/** Container start, file times and log times come from clocks and cuts of different kinds. */
const SLACK_MS = 5000;

/** When an SVID came in over the address that helper.conf names now; undefined when nothing proves that one did. */
export function svidArrivedAt(
  container: ContainerView,
  config: HelperConfigView,
  log: HelperLogView | undefined,
  files: SvidFiles | undefined,
): number | undefined {
  if (config.inEffect === 'no' || log?.dialError) return undefined;
  const state = container.status?.state;
  const started = state?.now === 'running' ? state.startedAt : container.status?.last?.startedAt;
  const since = Math.max(
    config.changedAt ?? Number.NEGATIVE_INFINITY,
    started ? started - SLACK_MS : Number.NEGATIVE_INFINITY,
  );
  // Without either time, an old file may come from another configuration.
  if (since === Number.NEGATIVE_INFINITY) return undefined;
  const written = files?.svid.state === 'known' ? files.svid.value.stat.mtime + (files.at - files.podNow) : undefined;
  const times = [log?.lastUpdate?.at, written].filter((time) => time !== undefined && time >= since);
  return times.length === 0 ? undefined : Math.max(...times.map((time) => time ?? 0));
}
