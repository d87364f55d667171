import { expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { whatToGather } from '../../src/cli/what-to-gather.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { DoctorReport, Result } from '../../src/doctor/report.ts';
import { factReaders } from '../../src/evidence/facts/index.ts';
import type { RbacRule } from '../../src/evidence/reading.ts';
import { type Permission, permissionsFor } from '../../src/sources/live/rules.ts';
import { casesOf, judgeSnapshot, subjectName } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import { takeAway } from './take-away.ts';

const wordsOf = ({ verb, resource }: Pick<RbacRule, 'verb' | 'resource'>) => `${verb} ${resource}`;

/** Each thing once that a run of this check asks for; of the two that looking into a pod takes, either is missed alike. */
function rightsOf(check: Check): readonly Permission[] {
  const asked = permissionsFor(whatToGather([check], undefined, factReaders), { exec: true, logs: true });
  return [...new Map(asked.map((right) => [right.resource, right])).values()];
}

/** Whether a result says that it lacks this permission; what the case itself refuses says nothing of it. */
function names({ state, rule, unseen }: Result, right: Permission, whole: DoctorReport): boolean {
  if (state === 'unknown' && rule && wordsOf(rule) === wordsOf(right)) return true;
  const before = whole.results.flatMap((result) => result.unseen.map(({ what }) => what));
  return unseen.some(({ what, why }) => why === 'forbidden' && !before.includes(what));
}

const messagesOf = ({ findings }: Result) => findings.map(({ message }) => message);

/** What became of a finding without anybody saying that something was not seen; undefined when it was said. */
function silence(was: Result, whole: DoctorReport, less: DoctorReport, right: Permission): string | undefined {
  const now = less.results.find((result) => subjectName(result) === subjectName(was));
  if (now === undefined) return less.results.some((result) => names(result, right, whole)) ? undefined : 'gone';
  if (names(now, right, whole)) return undefined;
  // What was not seen before either is named already.
  if (now.state === 'unknown') return whole.notCollected.some(({ why }) => why === now.why) ? undefined : 'unknown';
  const left = messagesOf(now);
  return messagesOf(was).every((message) => left.includes(message)) ? undefined : `${now.state} [${left}]`;
}

it.each(checks.map((check) => [check.id, check] as const))(
  'what %s finds is not lost in silence for want of any one permission, and nothing is judged twice',
  async (id, check) => {
    const alone = [{ ...check, after: [] }];
    const rights = rightsOf(check);
    const silent: string[] = [];
    let lost = 0;
    for (const { name, file } of casesOf(id)) {
      if (file.source !== 'live') continue;
      const snapshot = await buildCase(file);
      const whole = judgeSnapshot(snapshot, alone);
      const found = whole.results.filter(({ findings }) => findings.length > 0);
      if (found.length === 0) continue;
      for (const right of rights) {
        const less = judgeSnapshot(takeAway(snapshot, right), alone);
        const subjects = less.results.map(subjectName);
        if (new Set(subjects).size < subjects.length)
          silent.push(`${name} without ${wordsOf(right)}: twice in ${subjects}`);
        for (const was of found) {
          if (!less.results.some((result) => subjectName(result) === subjectName(was) && result.findings.length > 0))
            lost += 1;
          const what = silence(was, whole, less, right);
          if (what !== undefined)
            silent.push(`${name} without ${wordsOf(right)}: ${subjectName(was)}: ${messagesOf(was)} → ${what}`);
        }
      }
    }
    expect(silent).toEqual([]);
    expect(lost).toBeGreaterThan(0);
  },
  30_000,
);
