import type { ExitCode, ResultState, Verdict } from './report.ts';
import { type Settled, severityOf } from './results.ts';

/** What all results together say; flags have no part in it. */
export function verdictOf(results: readonly Settled[]): Verdict {
  const has = (state: ResultState) => results.some((result) => result.state === state);
  if (has('fail')) return 'broken';
  if (has('unknown') || has('crashed')) return 'inconclusive';
  return has('warn') ? 'degraded' : 'healthy';
}

interface Tolerance {
  readonly failOn: 'fail' | 'warn' | 'never';
  /** `*`, a check id, or `check:why`. */
  readonly allowUnknown: readonly string[];
}

/** Exit code by contract: 1 over 2 over 0; 3 and 130 are decided elsewhere. */
export function exitCodeOf(results: readonly Settled[], { failOn, allowUnknown }: Tolerance): ExitCode {
  const severities = results.flatMap((result) => result.findings.map((finding) => severityOf(result.check, finding)));
  const bad = failOn === 'never' ? [] : severities.filter((severity) => severity === 'fail' || failOn === 'warn');
  if (bad.length > 0) return 1;
  const open = results.filter(
    ({ state, check, why }) =>
      state === 'crashed' ||
      (state === 'unknown' &&
        !allowUnknown.some((allowed) => allowed === '*' || allowed === check.id || allowed === `${check.id}:${why}`)),
  );
  return open.length > 0 ? 2 : 0;
}

export function countStates(results: readonly { readonly state: ResultState }[]): Record<ResultState, number> {
  const counts: Record<ResultState, number> = {
    ok: 0,
    warn: 0,
    fail: 0,
    blocked: 0,
    unknown: 0,
    skipped: 0,
    crashed: 0,
  };
  for (const { state } of results) counts[state] += 1;
  return counts;
}
