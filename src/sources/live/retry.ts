import type { Budget } from './budget.ts';
import type { Failure } from './failure.ts';
import type { LiveIo } from './request.ts';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** What decides whether asking again can help. */
export type Verdict = 'final' | { readonly retryAfterMs?: number };

/** Asks up to four times, with growing pauses, as long as `judge` says that it can help and the run is not over. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  judge: (result: T) => Verdict,
  { budget, io }: { readonly budget: Budget; readonly io: Pick<LiveIo, 'timer' | 'random'> },
): Promise<T> {
  for (let count = 1; ; count += 1) {
    const result = await attempt();
    const verdict = count < ATTEMPTS ? judge(result) : 'final';
    if (verdict === 'final') return result;
    const backOff = FIRST_PAUSE_MS * 2 ** (count - 1) * (0.75 + io.random() / 2);
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(backOff, verdict.retryAfterMs ?? 0));
    if (!(await wait(pause, budget.signal, io.timer))) return result;
  }
}

/** 429 and 5xx pass by; other statuses are the server's last word. */
export function judgeStatus(status: number, retryAfter: string | undefined): Verdict {
  if (status !== 429 && (status < 500 || status === 501)) return 'final';
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {};
}

export function judgeFailure({ kind }: Failure): Verdict {
  return kind === 'reset' ? {} : 'final';
}

/** False when the run ended meanwhile. */
function wait(milliseconds: number, signal: AbortSignal, timer: LiveIo['timer']): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (whole: boolean) => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve(whole);
    };
    const stop = () => end(false);
    const cancel = timer.after(milliseconds, () => end(true));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
