import { timestamp } from '../cluster/timestamp.ts';

export type Level = 'info' | 'warning' | 'error' | 'fatal';

/** A line as Go's logrus writes it without a terminal: time, level and msg first, then the fields by name. */
export function logrusLine(
  at: number,
  level: Level,
  message: string,
  fields: Readonly<Record<string, string | number | boolean>> = {},
): string {
  const rest = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const words: readonly (readonly [string, unknown])[] = [
    ['time', timestamp(at)],
    ['level', level],
    ['msg', message],
    ...rest,
  ];
  return words.map(([key, value]) => `${key}=${quoted(String(value))}`).join(' ');
}

/** Go's `%q` for what logrus does not leave bare. */
function quoted(text: string): string {
  return /^[A-Za-z0-9\-._/@^+]*$/.test(text) ? text : JSON.stringify(text);
}
