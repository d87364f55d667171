import { refKey, type Subject, subjectKey } from '../evidence/subject.ts';
import { type Finding, type Phase, type Severity, STAGES } from './check.ts';
import { type Settled, severityOf } from './results.ts';

/** Findings of one message about one culprit, gathered over all subjects that they affect. */
export interface CauseGroup {
  readonly result: Settled;
  readonly finding: Finding;
  readonly severity: Severity;
  readonly phase: Phase;
  readonly subjects: readonly Subject[];
  readonly of: number;
  readonly certainty: 'proven' | 'earliest-seen';
  /** Ids of ancestors that could not be looked at. */
  readonly unseenUpstream: readonly string[];
}

/**
 * Groups what stands into root causes: active before latent, then by severity, stage, number affected and id, so that
 * the first one is what to deal with first.
 */
export function rootCauses(results: readonly Settled[], subjects: readonly Subject[]): readonly CauseGroup[] {
  const groups = new Map<
    string,
    { result: Settled; finding: Finding; severity: Severity; phase: Phase; members: Settled[] }
  >();
  for (const result of results) {
    for (const finding of result.findings) {
      const severity = severityOf(result.check, finding);
      const phase = finding.phase ?? 'active';
      const key = [result.check.id, finding.message, severity, phase, refKey(finding.culprit)].join(' ');
      const group = groups.get(key);
      if (group) group.members.push(result);
      else groups.set(key, { result, finding, severity, phase, members: [result] });
    }
  }
  return [...groups.values()].map((group) => measure(group, subjects)).toSorted(byUrgency);
}

function measure(
  {
    members,
    ...group
  }: { result: Settled; finding: Finding; severity: Severity; phase: Phase; members: readonly Settled[] },
  all: readonly Subject[],
): CauseGroup {
  const bySubject = new Map(members.map(({ subject }) => [subjectKey(subject), subject]));
  // A workload that stands for pods that it cannot make is not one of its pods.
  const kinds = new Set(members.map(({ subject }) => `${subject.type} ${subject.ref.kind}`));
  const installations = new Set(
    members.map(({ subject }) => (subject.installation ? refKey(subject.installation) : '')),
  );
  const peers = all.filter(
    ({ type, ref, installation }) =>
      kinds.has(`${type} ${ref.kind}`) && installations.has(installation ? refKey(installation) : ''),
  );
  const unseen = members.flatMap(({ upstream }) => upstream.filter(isUnseen).map(({ check }) => check.id));
  const unseenUpstream = [...new Set(unseen)].toSorted();
  return {
    ...group,
    subjects: [...bySubject.values()],
    of: Math.max(peers.length, bySubject.size),
    certainty: unseenUpstream.length === 0 ? 'proven' : 'earliest-seen',
    unseenUpstream,
  };
}

function isUnseen({ state, why }: Settled): boolean {
  return (
    state === 'unknown' || state === 'blocked' || state === 'crashed' || (state === 'skipped' && why === 'needs-live')
  );
}

function byUrgency(a: CauseGroup, b: CauseGroup): number {
  return (
    Number(a.phase === 'latent') - Number(b.phase === 'latent') ||
    Number(a.severity === 'warn') - Number(b.severity === 'warn') ||
    STAGES.indexOf(a.result.check.stage) - STAGES.indexOf(b.result.check.stage) ||
    b.subjects.length - a.subjects.length ||
    compare(a.result.check.id, b.result.check.id) ||
    compare(a.finding.message, b.finding.message) ||
    compare(refKey(a.finding.culprit), refKey(b.finding.culprit))
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
