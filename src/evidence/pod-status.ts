import { dig, flagAt, type JsonObject, listAt, numberAt, objectAt, textAt } from './json.ts';
import type { ContainerState, ContainerStatusView, Terminated } from './pod-view.ts';

/** Statuses of all containers of a Pod by name; empty for templates. */
export function viewStatuses(pod: JsonObject): ReadonlyMap<string, ContainerStatusView> {
  const statuses = new Map<string, ContainerStatusView>();
  for (const key of ['initContainerStatuses', 'containerStatuses']) {
    for (const item of listAt(dig(pod, 'status', key))) {
      const status = objectAt(item);
      const last = viewTerminated(objectAt(status.lastState).terminated);
      statuses.set(textAt(status.name) ?? '', {
        ready: flagAt(status.ready) ?? false,
        restarts: numberAt(status.restartCount) ?? 0,
        state: viewState(objectAt(status.state)),
        ...(last ? { last } : {}),
        imageId: textAt(status.imageID) ?? '',
      });
    }
  }
  return statuses;
}

function viewState(state: JsonObject): ContainerState {
  if (state.running !== undefined) return { now: 'running', startedAt: time(objectAt(state.running).startedAt) };
  if (state.waiting !== undefined) {
    const { reason, message } = objectAt(state.waiting);
    return { now: 'waiting', reason: textAt(reason) ?? '', message: textAt(message) ?? '' };
  }
  return viewTerminated(state.terminated) ?? { now: 'unreported' };
}

function viewTerminated(value: unknown): Terminated | undefined {
  if (value === undefined || value === null) return undefined;
  const { reason, exitCode, message, startedAt, finishedAt } = objectAt(value);
  return {
    now: 'terminated',
    reason: textAt(reason) ?? '',
    exitCode: numberAt(exitCode) ?? 0,
    message: textAt(message) ?? '',
    startedAt: time(startedAt),
    finishedAt: time(finishedAt),
  };
}

function time(value: unknown): number {
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? 0 : parsed;
}
