import Table from 'cli-table3';
import { type DoctorReport, RESULT_STATES, type Result, type ResultState } from '../doctor/report.ts';
import { type Canvas, paint, plain, type Tone } from './layout.ts';
import { NO_LINES } from './table-lines.ts';
import { listed, refInWords, whyInWords } from './words.ts';

const TONES = {
  ok: 'ok',
  warn: 'warn',
  fail: 'fail',
  blocked: 'dim',
  unknown: 'unknown',
  skipped: 'dim',
  crashed: 'fail',
} as const satisfies Record<ResultState, Tone>;

/** One row a check, one column a state that occurs; the cells count subjects. */
export function stateTable(canvas: Canvas, report: DoctorReport, wide: boolean): readonly string[] {
  const states = RESULT_STATES.filter((state) => report.results.some((result) => result.state === state));
  const rows = groupByCheck(report.results);
  if (rows.length === 0) return [];
  const nothing = paint(canvas, 'dim', plain(canvas, '·'));
  const table = new Table({
    head: [
      ...['CHECK', ...states.map((state) => state.toUpperCase())],
      ...(wide ? ['BASIS', 'CULPRIT', 'UNSEEN'] : []),
    ].map((title) => paint(canvas, 'dim', title)),
    colAligns: ['left', ...states.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    chars: NO_LINES,
  });
  for (const results of rows) {
    const [first] = results;
    if (first === undefined) continue;
    const counts = states.map((state) => {
      const count = results.filter((result) => result.state === state).length;
      return count === 0 ? nothing : paint(canvas, TONES[state], String(count));
    });
    const name = first.selected ? first.check : `${first.check} *`;
    table.push([plain(canvas, name), ...counts, ...(wide ? wideCells(canvas, results) : [])]);
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const ancestors = report.results.some((result) => !result.selected);
  return ancestors
    ? [...lines, paint(canvas, 'dim', '* not selected; judged because a selected check depends on it')]
    : lines;
}

function wideCells(canvas: Canvas, results: readonly Result[]): readonly string[] {
  const bases = unique(results.flatMap((result) => result.basis ?? []));
  const culprits = unique(results.flatMap((result) => result.findings.map((finding) => refInWords(finding.culprit))));
  const unseen = unique(
    results.flatMap((result) => result.unseen.map(({ what, why }) => `${what} (${whyInWords(why)})`)),
  );
  return [bases.join(', '), listed(culprits, 2), listed(unseen, 2)].map((cell) =>
    plain(canvas, cell === '' ? '-' : cell),
  );
}

function groupByCheck(results: readonly Result[]): readonly (readonly Result[])[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const group = groups.get(result.check);
    if (group === undefined) groups.set(result.check, [result]);
    else group.push(result);
  }
  return [...groups.values()];
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
