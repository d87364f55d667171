import { type Subject, sameRef } from '../evidence/subject.ts';
import type { Outcome } from './examine.ts';
import type { Examined } from './results.ts';

/**
 * Adds an `unknown` on a release of which no HAProxy pod could be judged because all their nodes are not ready. Single
 * such pods are skipped, but where nothing is left, silence would look like health.
 */
export function withReleasesOutOfSight(
  examined: readonly Examined[],
  subjects: readonly Subject[],
): readonly Examined[] {
  const lost = subjects.filter((subject) => subject.type === 'installation' && isLost(subject, examined));
  if (lost.length === 0) return examined;
  return examined.map(({ check, outcomes }) => {
    const affected = lost.filter((release) => outcomes.some((one) => isOutOfSight(one.outcome) && isOf(one, release)));
    return { check, outcomes: [...outcomes, ...affected.map((subject) => ({ subject, outcome: NOTHING_SEEN }))] };
  });
}

const NOTHING_SEEN: Outcome = {
  state: 'unknown',
  ignorance: { why: 'no-subject', detail: 'all pods that there are to examine run on nodes that are not ready' },
  unseen: [],
};

function isLost(release: Subject, examined: readonly Examined[]): boolean {
  const all = examined.flatMap(({ outcomes }) => outcomes).filter((one) => isOf(one, release));
  const haproxy = all.filter(({ subject }) => subject.type === 'haproxy-pod');
  const decisive = haproxy.length > 0 ? haproxy : all;
  return decisive.length > 0 && decisive.every(({ outcome }) => isOutOfSight(outcome));
}

function isOf({ subject }: { readonly subject: Subject }, { ref }: Subject): boolean {
  return subject.installation !== undefined && sameRef(subject.installation, ref);
}

function isOutOfSight(outcome: Outcome): boolean {
  return outcome.state === 'skipped' && outcome.why === 'node-not-ready';
}
