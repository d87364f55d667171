import type { DoctorReport, Result } from '../doctor/report.ts';
import type { RbacRule } from '../evidence/reading.ts';
import { type Canvas, labelled, paint, paragraph, plain } from './layout.ts';
import { listed, plural, refInWords, ruleInWords, shortRef, whyInWords } from './words.ts';

const INDENT = '  ';

/** What waits for something else to be mended. */
export function blockedLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const groups = group(inState(report, 'blocked'), (result) =>
    [...new Set(result.blockedBy.map((root) => root.check))].sort((a, b) => (a < b ? -1 : 1)).join(', '),
  );
  return groups.flatMap(([roots, results]) => {
    const cause = roots === '' ? 'something earlier' : roots;
    return paragraph(canvas, `${checksOf(results)}: judged once ${cause} is mended.`, INDENT);
  });
}

/** What was asked and could not be answered, by reason. */
export function unknownLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const unknown = group(
    inState(report, 'unknown'),
    (result) => `${result.why ?? 'no-evidence'} ${result.detail ?? ''}`,
  );
  return [
    ...unknown.flatMap(([, results]) => {
      const [first] = results;
      const reason = whyInWords(first?.why ?? 'no-evidence');
      const detail = first?.detail ? `: ${first.detail}` : '';
      return [
        ...paragraph(canvas, `${checksOf(results)}: ${reason}${detail}`, INDENT),
        ...subjectLines(canvas, results),
      ];
    }),
  ];
}

/** What would have helped with a judgement that was made all the same. */
export function unseenLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const partly = group(
    report.results.flatMap((result) => result.unseen.map((unseen) => ({ result, unseen }))),
    ({ unseen }) => `${unseen.what} ${unseen.why}`,
  );
  return partly.flatMap(([, entries]) => {
    const [first] = entries;
    if (first === undefined) return [];
    const checks = listed([...new Set(entries.map(({ result }) => result.check))], 4);
    return paragraph(canvas, `${checks}: ${first.unseen.what} (${whyInWords(first.unseen.why)}).`, INDENT);
  });
}

/** What does not arise, or what this kind of source never shows. */
export function skippedLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const groups = group(inState(report, 'skipped'), (result) => result.why ?? 'nothing-uses-it');
  return groups.flatMap(([, results]) =>
    paragraph(canvas, `${checksOf(results)}: ${whyInWords(results[0]?.why ?? 'nothing-uses-it')}.`, INDENT),
  );
}

export function crashedLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const groups = group(inState(report, 'crashed'), (result) => `${result.check} ${result.detail ?? ''}`);
  return groups.flatMap(([, results]) => {
    const [first] = results;
    return first === undefined
      ? []
      : paragraph(
          canvas,
          `${first.check}: a defect of this check, not of the installation: ${first.detail ?? ''}`,
          INDENT,
        );
  });
}

/** What could not be collected, and the exact permissions to ask for. */
export function notCollectedLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const plainly = group(
    report.notCollected.filter((entry) => entry.rule === undefined),
    (entry) => `${entry.why} ${entry.detail}`,
  );
  const rules = group(allRules(report), ({ rule }) => ruleInWords(rule));
  const exec = rules.filter(([, entries]) => entries.some(({ rule }) => isExec(rule)));
  const others = rules.filter((entry) => !exec.includes(entry));
  return [
    ...plainly.flatMap(([, entries]) => {
      const [first] = entries;
      const detail = first?.detail ? `: ${first.detail}` : '';
      return paragraph(
        canvas,
        `${listed(
          entries.map((entry) => entry.what),
          3,
        )}: ${whyInWords(first?.why ?? 'no-evidence')}${detail}`,
        INDENT,
      );
    }),
    ...others.flatMap(([words, entries]) => ruleLines(canvas, words, entries)),
    ...(exec.length === 0
      ? []
      : paragraph(canvas, 'Try --no-exec first; pods/exec on these pods can read their private keys.', INDENT)),
    ...exec.flatMap(([words, entries]) => ruleLines(canvas, words, entries)),
  ];
}

interface Refusal {
  readonly rule: RbacRule;
  readonly what?: string;
}

function allRules(report: DoctorReport): readonly Refusal[] {
  return [
    ...report.notCollected.flatMap(({ rule, what }) => (rule === undefined ? [] : [{ rule, what }])),
    ...report.results.flatMap(({ rule, state }) => (rule === undefined || state !== 'unknown' ? [] : [{ rule }])),
  ];
}

function isExec(rule: RbacRule): boolean {
  return rule.resource === 'pods/exec' || rule.resource === 'pods/ephemeralcontainers';
}

function ruleLines(canvas: Canvas, words: string, refusals: readonly Refusal[]): readonly string[] {
  const [first] = refusals;
  if (first === undefined) return [];
  const { rule } = first;
  const what = [...new Set(refusals.flatMap((refusal) => refusal.what ?? []))];
  const names = rule.name === undefined ? '' : `, resourceNames: [${JSON.stringify(rule.name)}]`;
  const policy = `{apiGroups: [${JSON.stringify(rule.group)}], resources: [${JSON.stringify(rule.resource)}], verbs: [${JSON.stringify(rule.verb)}]${names}}`;
  return [
    ...labelled(canvas, INDENT, 'Ask for', words),
    `${INDENT}${' '.repeat(10)}${paint(canvas, 'dim', plain(canvas, policy))}`,
    ...(what.length === 0 ? [] : labelled(canvas, INDENT, '', `for ${listed(what, 3)}`)),
  ];
}

function inState(report: DoctorReport, state: Result['state']): readonly Result[] {
  return report.results.filter((result) => result.state === state);
}

function checksOf(results: readonly Result[]): string {
  return listed([...new Set(results.map((result) => result.check))], 6);
}

function subjectLines(canvas: Canvas, results: readonly Result[]): readonly string[] {
  const subjects = [...new Set(results.map((result) => refInWords(result.subject)))];
  if (subjects.length > 3)
    return paragraph(
      canvas,
      `(${plural(subjects.length, 'object')}, first ${shortRef(results[0]?.subject ?? { kind: '', name: '' })})`,
      `${INDENT}${INDENT}`,
    );
  return paragraph(canvas, `(${subjects.join(', ')})`, `${INDENT}${INDENT}`);
}

function group<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [item]);
    else members.push(item);
  }
  return [...groups.entries()];
}
