import { readdirSync, readFileSync } from 'node:fs';
import type { Check } from '../../src/doctor/check.ts';
import { type JudgeOptions, judge } from '../../src/doctor/judge.ts';
import type { DoctorReport, Result } from '../../src/doctor/report.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { buildCase } from '../scenario/build.ts';
import { type CaseFile, parseCase } from '../scenario/case-file.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';

export const CHECKS = new URL('../../checks/', import.meta.url);

export interface NamedCase {
  readonly name: string;
  readonly file: CaseFile;
}

export function casesOf(id: string): readonly NamedCase[] {
  const folder = new URL(`${id}/cases/`, CHECKS);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => ({
      name: name.replace(/\.yaml$/, ''),
      file: parseCase(readFileSync(new URL(name, folder), 'utf8'), `${id}/${name}`),
    }));
}

/** Judges with test constants for everything that is not in the snapshot. */
export function judgeSnapshot(
  snapshot: Snapshot,
  checks: readonly Check[],
  more: Partial<JudgeOptions> = {},
): DoctorReport {
  return judge(snapshot, {
    checks,
    failOn: 'fail',
    allowUnknown: [],
    tool: { name: 'kubectl-haptic_spire', version: '0.0.0-test' },
    docsBase: 'https://docs.example/checks',
    guideBase: 'https://guide.example/',
    generatedAt: OBSERVED_AT,
    durationMs: 0,
    ...more,
  });
}

/** Runs one case against its check alone: what comes before it on the way is other cases' business. */
export async function runCase(check: Check, file: CaseFile, touched?: Set<string>): Promise<DoctorReport> {
  const snapshot = await buildCase(file);
  return judgeSnapshot(
    snapshot,
    [{ ...check, after: [] }],
    touched ? { onTouch: (_check, fact) => touched.add(fact) } : {},
  );
}

/** What a result says, in the words of a case's `expect`. */
export function outcomeOf(
  result: Result,
): readonly string[] | { state: string; why: string | null; detail: string | null } {
  const { state, why, detail, findings } = result;
  return state === 'ok' || state === 'warn' || state === 'fail'
    ? findings.map(({ message }) => message).toSorted()
    : { state, why, detail };
}

export function subjectName({ subject }: Result): string {
  return `${subject.kind} ${subject.namespace === undefined ? '' : `${subject.namespace}/`}${subject.name}`;
}
