import type { DoctorReport, Result, RootCause } from '../doctor/report.ts';
import { alikeCauses } from './alike.ts';
import { counted, durationInWords, plural, shortRef, timeInWords } from './words.ts';

/** The verdict as one sentence that says what was and what was not looked at. */
export function verdictSentence(report: DoctorReport): string {
  const files = report.metadata.source.kind === 'manifests';
  switch (report.verdict) {
    case 'healthy':
      return files ? 'These files are consistent; nothing that runs was looked at.' : `Healthy: ${inPlace(report)}.`;
    case 'degraded':
      return files
        ? `These files are consistent, with ${plural(report.rootCauses.length, 'warning')}.`
        : `Degraded, with ${plural(report.rootCauses.length, 'warning')}: ${inPlace(report)}.`;
    case 'inconclusive':
      return `Nothing wrong was seen, but ${notJudged(report)} could not be judged.`;
    case 'broken':
      return broken(report, files);
  }
}

/** When traffic fails if nobody acts; undefined where that says nothing new. */
export function outageSentence(report: DoctorReport): string | undefined {
  const outage = report.timeToOutage;
  if (outage.state === 'known') {
    const when = timeInWords(outage.at);
    const because = `${outage.because} (${shortRef(outage.subject)})`;
    if (outage.seconds <= 0) return `Broken since ${when}: ${because}.`;
    if (report.verdict === 'healthy') return undefined;
    return `Time to outage: ${durationInWords(outage.seconds)}, at ${when}: ${because}.`;
  }
  if (report.metadata.source.kind === 'manifests' || report.verdict === 'healthy') return undefined;
  return outage.state === 'unknown'
    ? `Time to outage: unknown: ${outage.because}.`
    : `Time to outage: none ahead: ${outage.because}.`;
}

/** What was seen to be good, and no more than that. */
function inPlace(report: DoctorReport): string {
  const pods = podsWithCertificates(report);
  if (pods === 0) {
    const checks = new Set(report.results.filter(({ selected }) => selected).map(({ check }) => check)).size;
    return `${plural(checks, 'check')} found nothing that is broken; whether certificates are in place was not looked at`;
  }
  const until = report.timeToOutage.state === 'known' ? ` until ${timeInWords(report.timeToOutage.at)}` : '';
  return `certificates are in place on ${pods === 1 ? '1 HAProxy pod' : `${pods} HAProxy pods`}${until}; traffic to backends was not tested`;
}

function broken(report: DoctorReport, files: boolean): string {
  const serious = report.rootCauses.filter((cause) => cause.severity === 'fail');
  const [group, ...others] = alikeCauses(serious);
  if (group === undefined) return `Broken: ${plural(report.summary.fail, 'result')} failed.`;
  const { first } = group;
  const link = first.certainty === 'proven' ? 'the first broken link' : 'the earliest broken link seen';
  const more = others.length === 0 ? '' : `; ${plural(others.length, 'more root cause')}`;
  return `${brokenState(report, serious, files)}: ${link} is ${first.check}, on ${affectedInWords(group)}${more}.`;
}

function brokenState(report: DoctorReport, serious: readonly RootCause[], files: boolean): string {
  if (files) return 'These files are broken';
  if (serious.every((cause) => cause.phase === 'latent'))
    return 'mTLS to the backends breaks at the next restart or rotation';
  const outage = report.timeToOutage;
  if (outage.state === 'known' && outage.seconds > 0)
    return `mTLS to the backends is broken, with ${durationInWords(outage.seconds)} left before connections fail`;
  return 'mTLS to the backends is broken';
}

/** `2 of 3 pods`, `Ingress shop/api`. */
export function affectedInWords({ affected, subjects }: Pick<RootCause, 'affected' | 'subjects'>): string {
  const { n, of } = affected;
  const [subject] = subjects;
  if (subject === undefined) return `${n} of ${of}`;
  return of === 1 ? `${subject.kind} ${shortRef(subject)}` : `${n} of ${counted(of, subject.kind)}`;
}

function notJudged(report: DoctorReport): string {
  const checks = new Set<string>();
  const all = new Set<string>();
  for (const result of report.results) {
    if (!result.selected) continue;
    all.add(result.check);
    if (result.state === 'unknown' || result.state === 'crashed') checks.add(result.check);
  }
  if (checks.size === 0) return 'a check that others depend on';
  return `${checks.size} of ${plural(all.size, 'check')}`;
}

/** Pods whose SVID was judged and whose HAProxy was seen to use it. */
function podsWithCertificates({ results }: DoctorReport): number {
  const judged = (stage: Result['stage']) =>
    new Set(
      results
        .filter((result) => result.stage === stage && result.subject.kind === 'Pod' && isGood(result))
        .map(({ subject }) => shortRef(subject)),
    );
  const inMemory = judged('haproxy');
  return [...judged('identity')].filter((pod) => inMemory.has(pod)).length;
}

function isGood({ state, basis }: Result): boolean {
  return (state === 'ok' || state === 'warn') && basis === 'observed';
}
