import type { RootCause, SubjectRef } from '../doctor/report.ts';
import { refInWords } from './words.ts';

/** So many causes of one message stand apart; a hundred pods with the same fault are one thing to read about. */
const MOST_APART = 3;

/** Root causes that a person reads as one: the first, and what the others add. */
export interface AlikeCauses {
  readonly first: RootCause;
  /** Without the first. */
  readonly others: readonly RootCause[];
  readonly subjects: readonly SubjectRef[];
  readonly affected: RootCause['affected'];
}

/** Root causes in their order; of one message about many objects of one kind, all together in the place of the first. */
export function alikeCauses(causes: readonly RootCause[]): readonly AlikeCauses[] {
  const groups = new Map<string, RootCause[]>();
  for (const cause of causes) {
    const group = groups.get(keyOf(cause));
    if (group === undefined) groups.set(keyOf(cause), [cause]);
    else group.push(cause);
  }
  return causes.flatMap((cause) => {
    const group = groups.get(keyOf(cause)) ?? [cause];
    if (group.length <= MOST_APART) return [together(cause, [])];
    return group[0] === cause ? [together(cause, group.slice(1))] : [];
  });
}

function together(first: RootCause, others: readonly RootCause[]): AlikeCauses {
  const all = [first, ...others];
  const subjects = [...new Map(all.flatMap((cause) => cause.subjects).map((ref) => [refInWords(ref), ref])).values()];
  const of = Math.max(...all.map(({ affected }) => affected.of), subjects.length);
  return { first, others, subjects, affected: others.length === 0 ? first.affected : { n: subjects.length, of } };
}

function keyOf({ check, message, severity, phase, culprit }: RootCause): string {
  return JSON.stringify([check, message, severity, phase, culprit.kind]);
}
