import { dig, isObject, type JsonObject, listAt, textAt } from '../json.ts';
import type { ContainerView, PodView } from '../pod-view.ts';

/** For how long after a change the kubelet may still show the old text in the volume. */
const SYNC_LAG_MS = 2 * 60_000;

/** Last change of one key of a ConfigMap by its managedFields, epoch milliseconds; undefined when they don't say. */
export function dataChangedAt(configMap: JsonObject, key: string): number | undefined {
  const changes = listAt(dig(configMap, 'metadata', 'managedFields')).flatMap((entry) => {
    const data = dig(entry, 'fieldsV1', 'f:data');
    const time = Date.parse(textAt(dig(entry, 'time')) ?? '');
    return data === undefined || Number.isNaN(time)
      ? []
      : [{ time, ours: isObject(data) && Object.hasOwn(data, `f:${key}`) }];
  });
  const ours = changes.filter((change) => change.ours);
  const times = (ours.length > 0 ? ours : changes).map((change) => change.time);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}

export function createdAt(configMap: JsonObject): number | undefined {
  const time = Date.parse(textAt(dig(configMap, 'metadata', 'creationTimestamp')) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** Whether the running process read the text as it is now; spiffe-helper reads its file once, when it starts. */
export function inEffect(
  pod: PodView,
  container: ContainerView,
  changed: { readonly at?: number; readonly created?: number },
): 'yes' | 'no' | 'unknown' {
  const state = container.status?.state;
  if (pod.from === 'template' || state?.now !== 'running') return 'unknown';
  const { startedAt } = state;
  // A ConfigMap that was made again after the start is newer than what was read, whoever changed what in it.
  if (changed.created !== undefined && changed.created > startedAt) return 'no';
  if (changed.at === undefined) return 'unknown';
  if (changed.at > startedAt) return 'no';
  const mountedAfter = pod.createdAt !== undefined && pod.createdAt > changed.at;
  return mountedAfter || startedAt - changed.at > SYNC_LAG_MS ? 'yes' : 'unknown';
}
