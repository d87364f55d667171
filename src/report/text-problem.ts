import type { ReportEvidence, ReportFix } from '../doctor/report.ts';
import { printable, printableLines } from './escape.ts';
import { besideLabel, type Canvas, labelled, paint, paragraph, plain } from './layout.ts';
import type { Problem } from './problems.ts';
import { durationInWords, impactInWords, listed, refInWords, shortRef, timeInWords } from './words.ts';

const INDENT = '   ';
const MOST_SUBJECTS = 3;
const MOST_EVIDENCE = 4;
const MOST_EXCERPT_LINES = 6;

export interface ProblemOptions {
  readonly number: number;
  /** True: every subject and every piece of evidence is listed. */
  readonly wide: boolean;
  /** RFC 3339 time to which `since` is related. */
  readonly observedAt: string;
}

/** What is wrong, where, how it shows, what to type and what not to do. */
export function problemLines(canvas: Canvas, problem: Problem, options: ProblemOptions): readonly string[] {
  const tone = problem.severity;
  const head = `${options.number}. ${paint(canvas, tone, problem.severity.toUpperCase())}  ${paint(canvas, 'strong', plain(canvas, `${problem.check}/${problem.message}`))}`;
  return [
    head,
    ...paragraph(canvas, problem.text, INDENT),
    ...(problem.phase === 'latent'
      ? labelled(canvas, INDENT, 'Breaks', 'at the next restart or rotation; it works still')
      : []),
    ...labelled(canvas, INDENT, 'Where', whereInWords(problem)),
    ...affectedLines(canvas, problem, options.wide),
    ...sinceLines(canvas, problem, options.observedAt),
    ...evidenceLines(canvas, problem.evidence, options.wide),
    ...(problem.fix === undefined ? [] : fixLines(canvas, problem.fix, moreLines(canvas, problem, options.wide))),
    ...problem.avoid.flatMap((what) => labelled(canvas, INDENT, 'Do not', withoutDont(what))),
    ...certaintyLines(canvas, problem),
    ...addressLines(canvas, 'See', problem.docs),
    ...addressLines(canvas, 'Guide', problem.guide),
  ];
}

function whereInWords({ culprit, others }: Problem): string {
  return others === 0
    ? refInWords(culprit)
    : `${refInWords(culprit)}, which is shown here, and the same in ${others} more`;
}

/** What to type where the same has to be done in many places. */
function moreLines(canvas: Canvas, { moreCommands }: Problem, wide: boolean): readonly string[] {
  if (moreCommands.length === 0) return [];
  if (wide) return moreCommands.flatMap(commandAsTyped);
  return paragraph(canvas, `and the same for the others: ${moreCommands.length} more (-o wide)`, INDENT + INDENT);
}

function affectedLines(canvas: Canvas, problem: Problem, wide: boolean): readonly string[] {
  const names = problem.subjects.map((subject) =>
    subject.container === undefined ? shortRef(subject) : `${shortRef(subject)} (${subject.container})`,
  );
  const single = names.length === 1 && problem.affected.endsWith(names[0] ?? '');
  const text = single ? problem.affected : `${problem.affected}: ${listed(names, wide ? names.length : MOST_SUBJECTS)}`;
  return labelled(canvas, INDENT, 'Affects', text);
}

function sinceLines(canvas: Canvas, problem: Problem, observedAt: string): readonly string[] {
  if (problem.since === undefined) return [];
  const seconds = (Date.parse(observedAt) - Date.parse(problem.since)) / 1000;
  const ago = Number.isFinite(seconds) && seconds >= 0 ? `, ${durationInWords(seconds)} before this was looked at` : '';
  return labelled(canvas, INDENT, 'Since', `${timeInWords(problem.since)}${ago}`);
}

function evidenceLines(canvas: Canvas, evidence: readonly ReportEvidence[], wide: boolean): readonly string[] {
  const shown = wide ? evidence : evidence.slice(0, MOST_EVIDENCE);
  const lines = shown.flatMap((piece, position) => [
    ...labelled(canvas, INDENT, position === 0 ? 'Seen in' : '', piece.from),
    ...(piece.excerpt === undefined ? [] : excerptLines(canvas, piece.excerpt)),
  ]);
  const left = evidence.length - shown.length;
  return left === 0 ? lines : [...lines, `${besideLabel(INDENT)}and ${left} more (-o wide)`];
}

function excerptLines(canvas: Canvas, excerpt: string): readonly string[] {
  const lines = printableLines(excerpt);
  const shown = lines.slice(0, MOST_EXCERPT_LINES).map((line) => `${besideLabel(INDENT)}  ${plain(canvas, line)}`);
  return lines.length > shown.length
    ? [...shown, `${besideLabel(INDENT)}  (${lines.length - shown.length} more lines)`]
    : shown;
}

function fixLines(canvas: Canvas, fix: ReportFix, more: readonly string[]): readonly string[] {
  const edit = fix.edit;
  return [
    ...labelled(canvas, INDENT, 'Fix', fix.summary),
    ...(fix.managedBy === undefined
      ? []
      : labelled(
          canvas,
          INDENT,
          'Owner',
          `${fix.managedBy}, which undoes what is changed by hand sooner or later: change it there first.`,
        )),
    ...(fix.durable === undefined ? [] : labelled(canvas, INDENT, 'To last', fix.durable)),
    ...fix.preconditions.flatMap((condition) => labelled(canvas, INDENT, 'First', condition)),
    ...(edit === undefined ? [] : editLines(canvas, edit)),
    ...commandLines(canvas, fix, more),
    ...(fix.manual === undefined ? [] : labelled(canvas, INDENT, 'By hand', fix.manual)),
    ...labelled(canvas, INDENT, 'Impact', impactInWords(fix.impact)),
    ...(fix.undo === undefined ? [] : undoLines(canvas, fix.undo)),
  ];
}

/** `ConfigMap ns/name, field` rather than a file's path. */
const OF_AN_OBJECT = /^[A-Z][A-Za-z]* \S+, /;

function editLines(canvas: Canvas, edit: NonNullable<ReportFix['edit']>): readonly string[] {
  const place =
    edit.line === undefined
      ? edit.file
      : OF_AN_OBJECT.test(edit.file)
        ? `${edit.file} line ${edit.line}`
        : `${edit.file}:${edit.line}`;
  const side = (mark: '-' | '+', text: string) =>
    printableLines(text).map(
      (line) => `${besideLabel(INDENT)}${paint(canvas, mark === '-' ? 'fail' : 'ok', `${mark} ${line}`)}`,
    );
  return [
    ...labelled(canvas, INDENT, 'Edit', place),
    ...(edit.before === undefined ? [] : side('-', edit.before)),
    ...side('+', edit.after),
  ];
}

/** A here-document with its end, or a group of commands in parentheses; in any other command a line's end is foreign. */
const OF_SEVERAL_LINES = /^[^\n]* <<'(EOF_*)'\n.*\n\1$|^\(pem=\$\(.*\)$/s;

/** A command of several lines stands at the margin: a here-document ends only at a line that is nothing but its end. */
function commandAsTyped(command: string): readonly string[] {
  return OF_SEVERAL_LINES.test(command)
    ? command.split('\n').map(printable)
    : [`${INDENT}${INDENT}${printable(command)}`];
}

/** Commands stand on lines of their own, never wrapped and never cut: they are there to be copied. */
function commandLines(canvas: Canvas, fix: ReportFix, more: readonly string[]): readonly string[] {
  const patch = fix.patch;
  if (fix.commands.length > 0) {
    return [`${INDENT}${paint(canvas, 'dim', 'Type')}`, '', ...fix.commands.flatMap(commandAsTyped), ...more, ''];
  }
  if (patch === undefined) return [];
  return [
    ...labelled(canvas, INDENT, 'Patch', `${refInWords(patch.target)} (${patch.type})`),
    `${besideLabel(INDENT)}${printable(JSON.stringify(patch.body))}`,
  ];
}

function undoLines(canvas: Canvas, undo: string): readonly string[] {
  return undo.startsWith('kubectl ')
    ? [`${INDENT}${paint(canvas, 'dim', 'Undo'.padEnd(10))}${printable(undo)}`]
    : labelled(canvas, INDENT, 'Undo', undo);
}

function certaintyLines(canvas: Canvas, problem: Problem): readonly string[] {
  if (problem.unseenUpstream.length === 0) return [];
  const unseen = listed(problem.unseenUpstream, 4);
  return labelled(
    canvas,
    INDENT,
    'Certainty',
    `the earliest broken link that could be seen; not looked at before it: ${unseen}`,
  );
}

/** Addresses are copied too. */
function addressLines(canvas: Canvas, label: string, address: string): readonly string[] {
  return address === '' ? [] : [`${INDENT}${paint(canvas, 'dim', label.padEnd(10))}${plain(canvas, address)}`];
}

/** The label says it already. */
function withoutDont(text: string): string {
  return text.replace(/^(?:don['’]t|do not)\s+/i, '');
}
