import type { DoctorReport } from '../../src/doctor/report.ts';

/** What a cluster might hold to fool a terminal, a shell or a reader. Distinct beginnings, so that each can be found. */
export const HOSTILE: readonly string[] = [
  'h1$(touch pwned)',
  'h2`touch pwned`',
  "h3'; touch pwned; '",
  'h4"; touch pwned; "',
  'h5\u001b[31mred\u001b[0m\u001b]0;title\u0007',
  'h6\u202eevil\u202c \u2066isolated\u2069 \u200f\u200e',
  'h7zero\u200b\u200c\u200d\u2060\ufeffwidth',
  'h8line\nbreak\r\nHealthy: all is well',
  'h9\u2028separator\u2029',
  'h10\u009b31mC1\u0085',
  'h11\ud800lone',
  'h12\u{e0041}tag',
  'h13 !history && || | > < * ? ~ # % {a,b} [c]',
  'h14\u0000nul\u0008\u007f',
  '-h15 --looks-like-a-flag',
  'h16\\n\\x1b back\\slash',
];

/** What no output may hold raw, but for the line ends that the renderer writes itself. */
export const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** The report with hostile text appended to every string that could come from a cluster. */
export function poison(report: DoctorReport, poisonous: string): DoctorReport {
  return copy(report, []) as DoctorReport;

  function copy(value: unknown, path: readonly string[]): unknown {
    const kept = (path.at(-1) !== 'kind' && FIXED.has(path.at(-1) ?? '')) || FIXED.has(path.join('.'));
    if (typeof value === 'string') return kept ? value : `${value}${poisonous}`;
    if (Array.isArray(value)) return value.map((item: unknown) => copy(item, path));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copy(member, [...path, key])]));
  }
}

/** Members whose values the tool itself chooses. */
const FIXED: ReadonlySet<string> = new Set([
  'apiVersion',
  // The kind of the document and of its source; elsewhere it is an object's kind.
  'kind',
  'metadata.source.kind',
  'verdict',
  'state',
  'stage',
  'basis',
  'severity',
  'phase',
  'certainty',
  'impact',
  'why',
  'type',
  'at',
  'since',
  'generatedAt',
  'observedAt',
]);
