import type { DoctorReport, RootCause } from '../../../src/doctor/report.ts';
import type { Expected } from '../faults/fault.ts';

/** `root`: named first. `found`: named, but not first. `wrong`: only others are named. `missed`: nothing is. */
export type Diagnosis = 'root' | 'found' | 'wrong' | 'missed';

export interface Judged {
  readonly diagnosis: Diagnosis;
  readonly cause: RootCause | undefined;
  /** Findings that neither the fault nor what it says is true as well explains, `check/message on subject`. */
  readonly alarms: readonly string[];
}

/** What a report makes of a fault. */
export function judgeReport(report: DoctorReport, expected: Expected, also: readonly string[] = []): Judged {
  const { rootCauses } = report;
  const at = rootCauses.findIndex((cause) => isExpected(cause, expected));
  const wanted = new Set([`${expected.check}/${expected.message}`, ...also]);
  return {
    diagnosis: at === 0 ? 'root' : at > 0 ? 'found' : rootCauses.length > 0 ? 'wrong' : 'missed',
    cause: rootCauses[at],
    alarms: findingsOf(report).filter((finding) => !wanted.has(finding.split(' ')[0] ?? '')),
  };
}

/** Everything at `warn` or `fail`, and what crashed: `check/message on Pod haptic/x`. */
export function findingsOf({ results }: DoctorReport): readonly string[] {
  return results.flatMap(({ check, subject, state, findings }) => {
    const on = `on ${nameOf(subject)}`;
    if (state === 'crashed') return [`${check}/crashed ${on}`];
    return findings.map(({ message }) => `${check}/${message} ${on}`);
  });
}

/** What could not be judged: `check: why (subject)`. */
export function unknownsOf({ results }: DoctorReport): readonly string[] {
  return results.flatMap(({ check, state, why, detail, subject }) =>
    state === 'unknown' ? [`${check}: ${why ?? ''} (${nameOf(subject)}) ${detail ?? ''}`] : [],
  );
}

export function nameOf({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function isExpected(cause: RootCause, { check, message, culprit, phase }: Expected): boolean {
  return (
    cause.check === check &&
    cause.message === message &&
    matches(nameOf(cause.culprit), culprit) &&
    (phase === undefined || cause.phase === phase)
  );
}

/** A culprit may end in `*`: pods have generated names. */
function matches(name: string, wanted: string): boolean {
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}
