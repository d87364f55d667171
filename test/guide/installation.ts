import { checks } from '../../checks/index.ts';
import type { JudgeOptions } from '../../src/doctor/judge.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

/** Judges the recorded installation after these changes with every check. */
export async function judgeInstallation(
  changes: readonly Change[],
  more: Partial<JudgeOptions> = {},
): Promise<DoctorReport> {
  return judgeSnapshot(await buildCase({ source: 'live', complete: true, change: changes }), checks, more);
}

/** A line of spiffe-helper's log, so long ago. */
export function helperLine(offset: string, level: 'info' | 'error', message: string): string {
  return `${offset} time="2026-11-22T02:00:00Z" level=${level} msg=${JSON.stringify(message)} system=spiffe-helper`;
}

/** What a pod looks like that has never got an identity: nothing on disk, and HAProxy could not load it. */
export const NEVER_ISSUED: readonly Change[] = [
  { disk: { absent: ['svid', 'key', 'bundle'] } },
  { memory: { loaded: false } },
];

/** spiffe-helper does not run, and why. */
export function helperDown(reason: string, message: string, restarts = 0): Change {
  return { status: { container: 'spiffe-helper', waiting: { reason, message }, restarts } };
}
