import type { LogLine } from '../facts/helper-log.ts';

/**
 * Splits a log as the API returns it with `timestamps=true`: RFC 3339 time, blank, text. Lines without a time (the cut
 * edge of a bounded log) are left out, as are lines older than `since` (epoch milliseconds).
 */
export function readLogLines(text: string, since = 0): readonly LogLine[] {
  const lines: LogLine[] = [];
  for (const line of text.split('\n')) {
    const blank = line.indexOf(' ');
    if (blank < 0) continue;
    const at = Date.parse(line.slice(0, blank));
    if (Number.isNaN(at) || at < since) continue;
    lines.push({ at, text: line.slice(blank + 1).trimEnd() });
  }
  return lines;
}

/** Members of a logfmt line as logrus and slog print it; quoted values are unescaped. Bounded by the line's length. */
export function logFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/([A-Za-z_][\w.-]*)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)) {
    const [, key = '', quoted, bare = ''] = match;
    if (!fields.has(key))
      fields.set(
        key,
        quoted === undefined
          ? bare
          : quoted.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
      );
  }
  return fields;
}

const LONGEST_QUOTE = 400;

/** What a line of a program's log says, without the log's own decoration: message and error, or the line itself. */
export function quoteOf(text: string): string {
  const fields = logFields(text);
  const quote = [fields.get('msg'), fields.get('error')].filter((part) => part !== undefined && part !== '').join(': ');
  return (quote === '' ? text : quote).slice(0, LONGEST_QUOTE);
}
