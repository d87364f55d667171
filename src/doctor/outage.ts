import type { TimeToOutage } from './report.ts';
import type { Settled } from './results.ts';

/** The earliest end of anything that checks saw end; unknown when a check that knows could not look. */
export function timeToOutage(results: readonly Settled[], now: number): TimeToOutage {
  let earliest: { at: number; because: string; result: Settled } | undefined;
  let unseen: Settled | undefined;
  let none = false;
  for (const result of results) {
    if (result.outage === 'none') none = true;
    else if (result.outage && (earliest === undefined || result.outage.at < earliest.at))
      earliest = { ...result.outage, result };
    else if (result.check.stage === 'identity' && (result.state === 'unknown' || result.state === 'blocked'))
      unseen ??= result;
  }
  if (earliest) {
    const { kind, namespace, name } = earliest.result.subject.ref;
    return {
      state: 'known',
      at: new Date(earliest.at).toISOString(),
      seconds: Math.round((earliest.at - now) / 1000),
      because: earliest.because,
      subject: namespace === undefined ? { kind, name } : { kind, namespace, name },
    };
  }
  if (none && !unseen) return { state: 'none', because: 'nothing that was seen ends' };
  return {
    state: 'unknown',
    because: unseen
      ? `${unseen.check.id} of ${unseen.subject.ref.name} could not be looked at`
      : 'no certificate was seen',
  };
}
