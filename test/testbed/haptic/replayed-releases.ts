import type { Verdict } from './validate.ts';

/** A release of HAProxy that is not at hand, and what it makes of files that the one at hand refuses. */
export type ReplayedRelease = '3.1.0' | '3.3.0';

/** The release with a known defect that a controller's image stands for; its other releases answer as the one at hand. */
export function replayedReleaseOf(image: string): ReplayedRelease | undefined {
  const series = /-haproxy(3\.[13])(?!\d)/.exec(image)?.[1];
  return series === '3.1' ? '3.1.0' : series === '3.3' ? '3.3.0' : undefined;
}

/**
 * What `haproxy -c` of that release says where the one at hand gave this verdict, played back from runs of it: 3.1.0
 * exits with 0 in spite of errors when `global` has `daemon`, and 3.3.0 never ends on a key file without a key.
 */
export function replayed(release: ReplayedRelease, content: string, verdict: Verdict): Verdict | 'never' {
  if (verdict.valid) return verdict;
  if (release === '3.3.0') return verdict.error.includes('unable to load private key from file') ? 'never' : verdict;
  return /^\s*daemon\s*$/m.test(content) ? { valid: true } : verdict;
}
