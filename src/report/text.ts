import { type DoctorReport, RESULT_STATES } from '../doctor/report.ts';
import { type Canvas, paint, paragraph, plain, type Tone } from './layout.ts';
import { printableReport } from './printable-report.ts';
import { furtherProblems, rootProblems } from './problems.ts';
import { problemLines } from './text-problem.ts';
import { stateTable } from './text-table.ts';
import {
  blockedLines,
  crashedLines,
  notCollectedLines,
  skippedLines,
  unknownLines,
  unseenLines,
} from './text-unseen.ts';
import { outageSentence, verdictSentence } from './verdict-sentence.ts';
import { listed, refInWords, timeInWords } from './words.ts';

export interface TextOptions extends Canvas {
  /** Adds culprit, basis and unseen columns, and lists every subject. */
  readonly wide: boolean;
  /** Only what is wrong, and the summary. */
  readonly quiet: boolean;
  /** Lists what is good too. */
  readonly showOk: boolean;
  /** The good state of each check as a sentence, by id. */
  readonly titles: ReadonlyMap<string, string>;
}

/** The report for a person at a terminal. Every line ends with a newline. */
export function renderText(source: DoctorReport, options: TextOptions): string {
  const report = printableReport(source);
  const canvas: Canvas = options;
  const roots = rootProblems(report);
  const further = furtherProblems(report);
  const lines = [...headLines(canvas, report, options.quiet)];
  const section = (title: string, body: readonly string[]): void => {
    if (body.length > 0) lines.push('', paint(canvas, 'strong', title), ...body);
  };
  const problems = (list: typeof roots, from: number): readonly string[] =>
    list.flatMap((problem, position) => [
      ...(position === 0 ? [] : ['']),
      ...problemLines(canvas, problem, {
        number: from + position,
        wide: options.wide,
        observedAt: report.metadata.source.observedAt,
      }),
    ]);
  section(roots.length === 1 ? 'Root cause' : 'Root causes', problems(roots, 1));
  section('Wrong as well, further on', problems(further, roots.length + 1));
  if (!options.quiet) {
    section('Checks', stateTable(canvas, report, options.wide));
    if (options.showOk) section('Good', goodLines(canvas, report, options.titles));
    section('Blocked', blockedLines(canvas, report));
    section('Could not be judged', unknownLines(canvas, report));
    section('Judged without seeing', unseenLines(canvas, report));
    section('Could not be looked at', notCollectedLines(canvas, report));
    section('Skipped', skippedLines(canvas, report));
  }
  section('Crashed', crashedLines(canvas, report));
  if (!options.quiet)
    section(
      'Notes',
      report.metadata.notes.flatMap((note) => paragraph(canvas, note, '  ')),
    );
  lines.push('', ...summaryLines(canvas, report));
  return `${lines.join('\n')}\n`;
}

const VERDICT_TONES = {
  healthy: 'ok',
  degraded: 'warn',
  broken: 'fail',
  inconclusive: 'unknown',
} as const satisfies Record<DoctorReport['verdict'], Tone>;

function headLines(canvas: Canvas, report: DoctorReport, quiet: boolean): readonly string[] {
  const outage = outageSentence(report);
  const tone = VERDICT_TONES[report.verdict];
  return [
    ...paragraph(canvas, verdictSentence(report)).map((line) => paint(canvas, tone, line)),
    ...(outage === undefined ? [] : paragraph(canvas, outage)),
    ...(quiet ? [] : paragraph(canvas, sourceSentence(report)).map((line) => paint(canvas, 'dim', line))),
  ];
}

function sourceSentence(report: DoctorReport): string {
  const { kind, context, server, observedAt, complete } = report.metadata.source;
  const at = timeInWords(observedAt);
  const where = [context === undefined ? undefined : `context ${context}`, server]
    .filter((part) => part !== undefined)
    .join(', ');
  const from = where === '' ? '' : ` (${where})`;
  switch (kind) {
    case 'live':
      return `Looked at the cluster${from} at ${at}${complete ? '' : '; not everything could be gathered'}.`;
    case 'snapshot':
      return `From a snapshot${from}, recorded at ${at}; times are as of then.`;
    case 'demo':
      return `From a built-in recording of ${at}, not your cluster; times are as of then.`;
    case 'manifests':
      return complete
        ? 'From files that are said to be complete.'
        : 'From files; what is not among them may exist elsewhere (--complete says that it does not).';
  }
}

function goodLines(canvas: Canvas, report: DoctorReport, titles: ReadonlyMap<string, string>): readonly string[] {
  const good = new Map<string, { readonly bases: Set<string>; readonly subjects: string[] }>();
  for (const result of report.results) {
    if (result.state !== 'ok') continue;
    const entry = good.get(result.check) ?? { bases: new Set<string>(), subjects: [] };
    entry.bases.add(result.basis ?? 'declared');
    entry.subjects.push(refInWords(result.subject));
    good.set(result.check, entry);
  }
  const mark = canvas.unicode ? '✓' : '+';
  return [...good].flatMap(([check, { bases, subjects }]) => {
    const [first = '', ...rest] = paragraph(
      canvas,
      `${titles.get(check) ?? check} (${check}, ${[...bases].join(' and ')}): ${listed(subjects, 4)}`,
      '    ',
    );
    return [`  ${paint(canvas, 'ok', mark)} ${first.slice(4)}`, ...rest];
  });
}

const EXIT_MEANINGS = {
  0: 'nothing is wrong at the level asked for, and all that could be judged was',
  1: 'something is wrong',
  2: 'nothing wrong was found, but something could not be judged',
  3: 'the doctor could not run',
  130: 'interrupted: judged from what was gathered until then',
} as const satisfies Record<DoctorReport['exitCode'], string>;

function summaryLines(canvas: Canvas, report: DoctorReport): readonly string[] {
  const checks = new Set(report.results.filter((result) => result.selected).map((result) => result.check)).size;
  const counts = RESULT_STATES.filter((state) => report.summary[state] > 0).map(
    (state) => `${report.summary[state]} ${state}`,
  );
  const summary = `${checks} check${checks === 1 ? '' : 's'}: ${counts.length === 0 ? 'no results' : counts.join(', ')}.`;
  return paragraph(
    canvas,
    plain(canvas, `${summary} Exit code ${report.exitCode}: ${EXIT_MEANINGS[report.exitCode]}.`),
  );
}
