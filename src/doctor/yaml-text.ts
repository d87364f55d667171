import { isObject } from '../evidence/json.ts';

/** How a string is written in double quotes. */
type Quote = (text: string) => string;

/** Any value that JSON could hold as one YAML document: strings plain where no reader could mistake them, and without a
 * quoting of its own texts of several lines as literal blocks. */
export function writeYaml(value: unknown, quote: Quote = JSON.stringify): string {
  return `${block(value, '', quote).join('\n')}\n`;
}

/** Several lines that a literal block shows as they are: no tab, no blank at either end but one line's end. */
const LITERAL = /^[^\s][^\t\r]*\n[^\t\r]*[^\s]\n?$/;
/** Words that no YAML reader, old or new, takes for anything but a string. */
const SAFE_PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const MISREAD = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

function block(value: unknown, indent: string, quote: Quote): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => member('-', item, indent, '  ', quote));
  if (!isObject(value)) return [`${indent}${scalar(value, quote)}`];
  return entriesOf(value).flatMap(([key, item]) =>
    member(`${text(key, quote)}:`, item, indent, Array.isArray(item) ? '' : '  ', quote),
  );
}

/** One list item or one key with its value, on the same line where that is possible. */
function member(lead: string, value: unknown, indent: string, deeper: string, quote: Quote): readonly string[] {
  if (typeof value === 'string' && quote === JSON.stringify && LITERAL.test(value)) {
    const lines = value.split('\n').map((line) => (line === '' ? '' : `${indent}  ${line}`));
    return value.endsWith('\n') ? [`${indent}${lead} |`, ...lines.slice(0, -1)] : [`${indent}${lead} |-`, ...lines];
  }
  if (!isCollection(value)) return [`${indent}${lead} ${scalar(value, quote)}`];
  if (isEmpty(value)) return [`${indent}${lead} ${Array.isArray(value) ? '[]' : '{}'}`];
  if (lead !== '-') return [`${indent}${lead}`, ...block(value, `${indent}${deeper}`, quote)];
  const [first = '', ...rest] = block(value, `${indent}  `, quote);
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

function scalar(value: unknown, quote: Quote): string {
  if (typeof value === 'string') return text(value, quote);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return 'null';
}

function text(value: string, quote: Quote): string {
  return SAFE_PLAIN.test(value) && !MISREAD.test(value) ? value : quote(value);
}
