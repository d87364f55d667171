export interface Measured {
  readonly name: string;
  /** Milliseconds, one a run. */
  readonly times: readonly number[];
  /** Most times as long as the command that all are compared with. */
  readonly goal: number | undefined;
}

const BEGIN = '<!-- npm run bench:start -- --write -->';
const END = '<!-- end of the table -->';

/** A table in Markdown, below it the notes. `base` is the name of the command that all are compared with. */
export function tableOf(measured: readonly Measured[], base: string, notes: readonly string[]): string {
  const unit = median(measured.find(({ name }) => name === base)?.times ?? []);
  const lines = measured.map(({ name, times, goal }) => {
    const time = median(times);
    const ratio = time / unit;
    const verdict = goal === undefined ? '' : `≤ ${goal}${ratio <= goal ? '' : ' (missed)'}`;
    return `| \`${name}\` | ${time.toFixed(0)} | ${ratio.toFixed(2)} | ${verdict} |`;
  });
  return [`| command | ms | × \`${base}\` | goal |`, '|---|---|---|---|', ...lines, '', ...notes].join('\n');
}

/** The page with the table in the place that is marked for it. */
export function withTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`no place for the table: ${BEGIN} … ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
