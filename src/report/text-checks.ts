import Table from 'cli-table3';
import { type Canvas, paint, plain, wrap } from './layout.ts';
import { NO_LINES } from './table-lines.ts';

interface Row {
  readonly id: string;
  readonly stage: string;
  readonly subjects: readonly string[];
  readonly title: string;
  readonly needs: readonly string[];
  readonly wants: readonly string[];
  readonly docs: string;
  readonly guide: string;
}

/** One row a check; `wide` adds what it reads and where it is explained. */
export function checkTable(canvas: Canvas, rows: readonly Row[], wide: boolean): readonly string[] {
  const idColumns = Math.max(5, ...rows.map(({ id }) => id.length));
  const stageColumns = Math.max(5, ...rows.map(({ stage }) => stage.length));
  const titleColumns = Math.max(20, canvas.width - idColumns - stageColumns - 4);
  const titles = ['CHECK', 'STAGE', ...(wide ? ['SUBJECT', 'NEEDS', 'WANTS', 'DOCS', 'GUIDE'] : []), 'TITLE'];
  const table = new Table({
    head: titles.map((title) => paint(canvas, 'dim', title)),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    chars: NO_LINES,
  });
  for (const { id, stage, subjects, title, needs, wants, docs, guide } of rows) {
    const good = plain(canvas, title);
    table.push(
      wide
        ? [id, stage, subjects.join(','), needs.join(',') || '-', wants.join(',') || '-', docs, guide, good]
        : [id, stage, wrap(good, titleColumns).join('\n')],
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
