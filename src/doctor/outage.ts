import { subjectKey } from '../evidence/subject.ts';
import type { TimeToOutage } from './report.ts';
import type { Settled } from './results.ts';

/** The last moment that a Date can hold, epoch milliseconds. */
const LAST_DATE = 8.64e15;

/**
 * The earliest end of anything that checks saw end, past ones too. Unknown when nothing was seen to end and something
 * that may was not seen, or never arrived.
 */
export function timeToOutage(results: readonly Settled[], now: number): TimeToOutage {
  let earliest: { at: number; because: string; result: Settled } | undefined;
  let unseen: Settled | undefined;
  let none = false;
  const ends = new Set<string>();
  for (const result of results) {
    const { outage } = result;
    if (outage === 'none') none = true;
    else if (outage !== undefined && outage !== 'not-begun' && Math.abs(outage.at) <= LAST_DATE) {
      ends.add(subjectKey(result.subject));
      if (earliest === undefined || outage.at < earliest.at) earliest = { ...outage, result };
    } else if (result.check.stage === 'identity' && (result.state === 'unknown' || result.state === 'blocked'))
      unseen ??= result;
  }
  const without = results.filter(({ outage, subject }) => outage === 'not-begun' && !ends.has(subjectKey(subject)));
  const missing = without.length > 0 ? `no SVID has arrived in ${namesOf(without)}` : undefined;
  if (earliest) {
    const { kind, namespace, name } = earliest.result.subject.ref;
    return {
      state: 'known',
      at: new Date(earliest.at).toISOString(),
      seconds: Math.round((earliest.at - now) / 1000),
      because: missing === undefined ? earliest.because : `${earliest.because}; ${missing}`,
      subject: namespace === undefined ? { kind, name } : { kind, namespace, name },
    };
  }
  if (missing !== undefined) return { state: 'unknown', because: missing };
  if (none && !unseen) return { state: 'none', because: 'nothing that was seen ends' };
  return {
    state: 'unknown',
    because: unseen
      ? `${unseen.check.id} of ${unseen.subject.ref.name} could not be looked at`
      : 'no certificate was seen',
  };
}

const MOST_NAMES = 3;

function namesOf(results: readonly Settled[]): string {
  const names = [...new Set(results.map(({ subject }) => subject.ref.name))].toSorted();
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more pods` : shown;
}
