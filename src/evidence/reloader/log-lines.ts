import type { LogLine } from '../facts/helper-log.ts';

/** Lines as `kubectl logs --timestamps` prints them; a line without a time belongs to the moment of the line before. */
export function logLines(text: string): readonly LogLine[] {
  const lines: LogLine[] = [];
  let at = 0;
  for (const raw of text.split('\n')) {
    const space = raw.indexOf(' ');
    const stamp = space < 0 ? raw : raw.slice(0, space);
    const time = /^\d{4}-\d\d-\d\dT/.test(stamp) ? Date.parse(stamp) : Number.NaN;
    if (Number.isNaN(time)) {
      if (raw.trim() !== '') lines.push({ at, text: raw.trimEnd() });
      continue;
    }
    at = time;
    const rest = space < 0 ? '' : raw.slice(space + 1).trimEnd();
    if (rest !== '') lines.push({ at, text: rest });
  }
  return lines;
}
