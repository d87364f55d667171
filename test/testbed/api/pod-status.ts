import { type Editable, readField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { shortDuration } from './duration.ts';
import { isMap } from './metadata.ts';

/** What `kubectl get pods` says about a pod. */
export interface PodStatus {
  /** `3/4`. */
  readonly ready: string;
  /** `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
  readonly status: string;
  /** `2 (5m ago)`. */
  readonly restarts: string;
}

/** The words that the API server derives from a pod's container statuses. `now` is epoch milliseconds. */
export function podStatus(pod: KubeObject, now: number): PodStatus {
  const specs = entries(pod, 'spec.containers');
  const initSpecs = entries(pod, 'spec.initContainers');
  const statuses = entries(pod, 'status.containerStatuses');
  const initStatuses = entries(pod, 'status.initContainerStatuses');
  const isSidecar = (status: KubeObject) =>
    initSpecs.some((spec) => spec.name === status.name && spec.restartPolicy === 'Always');
  const counted = [...initStatuses.filter(isSidecar), ...statuses];
  const total = specs.length + initSpecs.filter((spec) => spec.restartPolicy === 'Always').length;
  const initStatus = initWords(initStatuses, initSpecs.length, isSidecar);
  const phase = String(readField(pod, 'status.reason') ?? readField(pod, 'status.phase') ?? 'Pending');
  const words = initStatus ?? containerWords(statuses) ?? phase;
  const isGoing = readField(pod, 'metadata.deletionTimestamp') !== undefined;
  return {
    ready: `${counted.filter(({ ready }) => ready === true).length}/${total}`,
    status: isGoing ? (readField(pod, 'status.reason') === 'NodeLost' ? 'Unknown' : 'Terminating') : words,
    restarts: restartWords(initStatus === undefined ? counted : initStatuses, now),
  };
}

function initWords(
  statuses: readonly KubeObject[],
  total: number,
  isSidecar: (status: KubeObject) => boolean,
): string | undefined {
  for (const [at, status] of statuses.entries()) {
    if (isSidecar(status) && status.started === true) continue;
    const terminated = readField(status, 'state.terminated');
    if (isMap(terminated ?? null)) {
      if (readField(status, 'state.terminated.exitCode') === 0) continue;
      return `Init:${exitWords(status)}`;
    }
    const waiting = readField(status, 'state.waiting.reason');
    if (typeof waiting === 'string' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${at}/${total}`;
  }
  return undefined;
}

/** Of several containers the first one that has something to say; as the server, which goes through them backwards. */
function containerWords(statuses: readonly KubeObject[]): string | undefined {
  let words: string | undefined;
  for (const status of [...statuses].reverse()) {
    const waiting = readField(status, 'state.waiting.reason');
    if (typeof waiting === 'string' && waiting !== '') words = waiting;
    else if (readField(status, 'state.terminated') !== undefined) words = exitWords(status);
  }
  const isUp = statuses.some(({ ready, state }) => ready === true && isMap(state) && state.running !== undefined);
  return words === 'Completed' && isUp ? 'Running' : words;
}

function exitWords(status: KubeObject): string {
  const reason = readField(status, 'state.terminated.reason');
  if (typeof reason === 'string' && reason !== '') return reason;
  const signal = Number(readField(status, 'state.terminated.signal') ?? 0);
  return signal > 0 ? `Signal:${signal}` : `ExitCode:${String(readField(status, 'state.terminated.exitCode'))}`;
}

function restartWords(statuses: readonly KubeObject[], now: number): string {
  const restarts = statuses.reduce((sum, { restartCount }) => sum + Number(restartCount ?? 0), 0);
  const ends = statuses.flatMap((status) => {
    const at = readField(status, 'lastState.terminated.finishedAt');
    return typeof at === 'string' ? [Date.parse(at)] : [];
  });
  return restarts === 0 || ends.length === 0
    ? String(restarts)
    : `${restarts} (${shortDuration(now - Math.max(...ends))} ago)`;
}

function entries(pod: KubeObject, path: string): readonly KubeObject[] {
  const list: Editable | undefined = readField(pod, path);
  return Array.isArray(list) ? list.filter(isMap) : [];
}
