import { literalFor } from './literal.ts';
import { HEALTH_CHECK_KEYS } from './schema.ts';

/** Lines of a text, 0-based, and one of them at which it is wrong. Returns the new lines, or nothing. */
type Repair = (lines: readonly string[], at: number) => readonly string[] | undefined;

const JWT_KEYS = ['jwt_audience', 'jwt_extra_audiences', 'jwt_svid_file_name'];
const SETTING = /^(\s*)([\w.-]+)\s*[=:]\s*(\S.*)$/;

/** Each turns one habit from another language into HCL; the caller keeps what brings the parser further. */
export const REPAIRS: readonly Repair[] = [section, byteOrderMark, semicolon, colon, value, equalsSign, closingQuote];

/** A TOML section becomes a block; the header of one that spiffe-helper doesn't know goes. */
function section(lines: readonly string[], at: number): readonly string[] | undefined {
  const header = /^(\s*)\[{1,2}\s*"?([\w.-]+)"?\s*\]{1,2}\s*(?:[#;].*)?$/.exec(lines[at] ?? '');
  if (!header) return undefined;
  const [, indent = '', name = ''] = header;
  const own = name === 'health_checks' ? HEALTH_CHECK_KEYS : name === 'jwt_svids' ? JWT_KEYS : undefined;
  if (!own) return replaced(lines, at, 1, []);
  const end = sectionEnd(lines, at + 1, own);
  const [open, close] = name === 'jwt_svids' ? ['jwt_svids = [{', '}]'] : ['health_checks {', '}'];
  const members = lines.slice(at + 1, end).map((line) => member(line, `${indent}  `));
  return replaced(lines, at, braceAfter(lines, end) - at, [`${indent}${open}`, ...members, `${indent}${close}`]);
}

/** Up to the next section or the first key that belongs elsewhere; blank lines and comments before that stay outside. */
function sectionEnd(lines: readonly string[], start: number, own: readonly string[]): number {
  let end = start;
  for (let at = start; at < lines.length; at += 1) {
    const key = SETTING.exec(lines[at] ?? '')?.[2];
    if (key !== undefined && !own.includes(key.toLowerCase())) break;
    if (/^\s*\[/.test(lines[at] ?? '')) break;
    if (key !== undefined) end = at + 1;
  }
  return end;
}

/** Where somebody only changed the first line of a block, its brace is still there. */
function braceAfter(lines: readonly string[], end: number): number {
  const next = lines.findIndex((line, at) => at >= end && line.trim() !== '');
  return next >= 0 && lines[next]?.trim() === '}' ? next + 1 : end;
}

function member(line: string, indent: string): string {
  const [, , key, written = ''] = SETTING.exec(line) ?? [];
  if (key === undefined) return line.trim() === '' ? '' : `${indent}${line.trim().replace(/^;/, '#')}`;
  return `${indent}${key} = ${literalFor(key, written)}`;
}

function byteOrderMark(lines: readonly string[], at: number): readonly string[] | undefined {
  const first = lines[0] ?? '';
  return at === 0 && first.startsWith('\ufeff') ? replaced(lines, 0, 1, [first.slice(1)]) : undefined;
}

function semicolon(lines: readonly string[], at: number): readonly string[] | undefined {
  return changed(lines, at, (line) => line.replace(/^(\s*);/, '$1#'));
}

function colon(lines: readonly string[], at: number): readonly string[] | undefined {
  return changed(lines, at, (line) =>
    line.replace(/^(\s*)"?([\w.-]+)"?\s*:\s*(\S.*)$/, (_whole, indent: string, key: string, written: string) =>
      written.startsWith('{') ? `${indent}${key} ${written}` : `${indent}${key} = ${literalFor(key, written)}`,
    ),
  );
}

function value(lines: readonly string[], at: number): readonly string[] | undefined {
  return changed(lines, at, (line) =>
    line.replace(
      /^(\s*)([\w.-]+)(\s*=\s*)([^\s{[].*)$/,
      (_whole, indent: string, key: string, sign: string, rest: string) => {
        return `${indent}${key}${sign}${literalFor(key, rest)}`;
      },
    ),
  );
}

function equalsSign(lines: readonly string[], at: number): readonly string[] | undefined {
  return changed(lines, at, (line) => line.replace(/^(\s*[\w-]+)\s+("[^"]*"|\d+|true|false)\s*$/, '$1 = $2'));
}

function closingQuote(lines: readonly string[], at: number): readonly string[] | undefined {
  return changed(lines, at, (line) => line.replace(/^(\s*[\w-]+\s*=\s*"[^"\\]*[^"\\\s])\s*$/, '$1"'));
}

function changed(
  lines: readonly string[],
  at: number,
  change: (line: string) => string,
): readonly string[] | undefined {
  const line = lines[at];
  if (line === undefined) return undefined;
  const after = change(line);
  return after === line ? undefined : replaced(lines, at, 1, [after]);
}

function replaced(lines: readonly string[], at: number, count: number, by: readonly string[]): readonly string[] {
  return [...lines.slice(0, at), ...by, ...lines.slice(at + count)];
}
