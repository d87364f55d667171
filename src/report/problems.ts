import type {
  DoctorReport,
  ReportEvidence,
  ReportFinding,
  ReportFix,
  RootCause,
  SubjectRef,
} from '../doctor/report.ts';
import type { ObjectRef } from '../evidence/reading.ts';
import { alikeCauses } from './alike.ts';
import { affectedInWords } from './verdict-sentence.ts';
import { counted, refInWords } from './words.ts';

/** One thing that is wrong, as a reader needs it, whether it is a root cause or stands further down the way. */
export interface Problem {
  readonly check: string;
  readonly message: string;
  readonly severity: 'fail' | 'warn';
  readonly phase: 'active' | 'latent';
  readonly culprit: ObjectRef;
  readonly subjects: readonly SubjectRef[];
  /** `2 of 3 pods`. */
  readonly affected: string;
  readonly text: string;
  readonly since?: string;
  readonly evidence: readonly ReportEvidence[];
  /** For the culprit. */
  readonly fix?: ReportFix;
  /** How many further culprits have the same fault. */
  readonly others: number;
  /** What to type for these. */
  readonly moreCommands: readonly string[];
  readonly avoid: readonly string[];
  /** Checks earlier on the way that could not be looked at; empty: this is certainly the first broken link. */
  readonly unseenUpstream: readonly string[];
  readonly docs: string;
  readonly guide: string;
}

export function rootProblems(report: DoctorReport): readonly Problem[] {
  return alikeCauses(report.rootCauses).map(({ first, others, subjects, affected }) => {
    const own = first.fix?.commands ?? [];
    const more = others.flatMap(({ fix }) => fix?.commands ?? []).filter((command) => !own.includes(command));
    return {
      ...first,
      subjects,
      affected: affectedInWords({ affected, subjects }),
      unseenUpstream: [...new Set([first, ...others].flatMap((cause) => cause.unseenUpstream))],
      others: others.length,
      moreCommands: [...new Set(more)],
    };
  });
}

/** Findings that are no root cause: wrong by themselves, below something that is wrong too. */
export function furtherProblems(report: DoctorReport): readonly Problem[] {
  const roots = new Set(report.rootCauses.flatMap((cause) => cause.subjects.map((subject) => keyOf(cause, subject))));
  const groups = new Map<
    string,
    { readonly finding: ReportFinding; readonly check: string; readonly subjects: SubjectRef[] }
  >();
  for (const result of report.results) {
    for (const finding of result.findings) {
      const where = { check: result.check, message: finding.message, culprit: finding.culprit };
      if (roots.has(keyOf(where, result.subject))) continue;
      const key = keyOf(where);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { finding, check: result.check, subjects: [result.subject] });
      else if (!group.subjects.some((subject) => refInWords(subject) === refInWords(result.subject)))
        group.subjects.push(result.subject);
    }
  }
  return [...groups.values()].map(({ finding, check, subjects }) => ({
    ...finding,
    check,
    subjects,
    affected:
      subjects.length === 1 && subjects[0] !== undefined
        ? refInWords(subjects[0])
        : counted(subjects.length, subjects[0]?.kind ?? 'subject'),
    unseenUpstream: [],
    others: 0,
    moreCommands: [],
  }));
}

function keyOf(where: Pick<RootCause, 'check' | 'message' | 'culprit'>, subject?: SubjectRef): string {
  return JSON.stringify([
    where.check,
    where.message,
    refInWords(where.culprit),
    subject === undefined ? '' : refInWords(subject),
  ]);
}
