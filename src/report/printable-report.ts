import type { DoctorReport } from '../doctor/report.ts';
import { printable } from './escape.ts';

/** Texts of several lines: whoever shows them takes them apart and escapes each line. */
const OF_SEVERAL_LINES: ReadonlySet<string> = new Set(['excerpt', 'before', 'after', 'commands']);

/**
 * The report with every string made safe to print, so that no renderer can forget one. Values of findings' `data` and
 * bodies of patches are left as they are; text formats don't print the first and print the second as JSON.
 */
export function printableReport(report: DoctorReport): DoctorReport {
  return copy(report, '') as DoctorReport;
}

function copy(value: unknown, key: string): unknown {
  if (typeof value === 'string') return OF_SEVERAL_LINES.has(key) ? value : printable(value);
  if (key === 'data' || key === 'body') return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member, name)]));
}
