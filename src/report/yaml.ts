import type { DoctorReport } from '../doctor/report.ts';
import { isObject } from '../evidence/json.ts';
import { quoteYaml } from './escape.ts';

/** The JSON report as one YAML document. */
export function renderYaml(report: DoctorReport): string {
  return renderYamlValue(report);
}

/** Any value that JSON could hold as one YAML document, without raw hidden characters. */
export function renderYamlValue(value: unknown): string {
  return `${block(value, '').join('\n')}\n`;
}

/** Words that no YAML reader, old or new, takes for anything but a string. */
const SAFE_PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const MISREAD = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

function block(value: unknown, indent: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => member('-', item, indent, '  '));
  if (!isObject(value)) return [`${indent}${scalar(value)}`];
  return entriesOf(value).flatMap(([key, item]) =>
    member(`${text(key)}:`, item, indent, Array.isArray(item) ? '' : '  '),
  );
}

/** One list item or one key with its value, on the same line where that is possible. */
function member(lead: string, value: unknown, indent: string, deeper: string): readonly string[] {
  if (!isCollection(value)) return [`${indent}${lead} ${scalar(value)}`];
  if (isEmpty(value)) return [`${indent}${lead} ${Array.isArray(value) ? '[]' : '{}'}`];
  if (lead !== '-') return [`${indent}${lead}`, ...block(value, `${indent}${deeper}`)];
  const [first = '', ...rest] = block(value, `${indent}  `);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

function isCollection(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : entriesOf(value).length === 0;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value).filter(([, item]) => item !== undefined) : [];
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return 'null';
}

function text(value: string): string {
  return SAFE_PLAIN.test(value) && !MISREAD.test(value) ? value : quoteYaml(value);
}
