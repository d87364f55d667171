import type { LiveIo } from './request.ts';

export type StopReason = 'deadline' | 'interrupted';

/** The time that a run has: ends at the deadline or when the user interrupts, whichever is first. */
export interface Budget {
  /** Aborted when the run is over. */
  readonly signal: AbortSignal;
  /** Why it is over; undefined while it is not. */
  readonly stopped: () => StopReason | undefined;
  /** To be called when the run has ended by itself: what is still under way ends too, and nothing is asked again. */
  readonly close: () => void;
}

export function startBudget(timeoutMs: number, { signal, timer }: Pick<LiveIo, 'signal' | 'timer'>): Budget {
  const controller = new AbortController();
  let reason: StopReason | undefined;
  const stop = (why: StopReason) => {
    reason ??= why;
    controller.abort();
  };
  const interrupted = () => stop('interrupted');
  const cancel = timer.after(timeoutMs, () => stop('deadline'));
  if (signal.aborted) interrupted();
  else signal.addEventListener('abort', interrupted, { once: true });
  return {
    signal: controller.signal,
    stopped: () => reason,
    close: () => {
      cancel();
      signal.removeEventListener('abort', interrupted);
      controller.abort();
    },
  };
}
