import type { Origin } from '../reading.ts';
import type { Verdict } from './read-validation.ts';

const FAILED = /HAProxy configuration validation failed|Dry-run validation failed|haproxy validation failed/i;
const SUCCEEDED = /validation (?:succeeded|passed|completed successfully)|configuration (?:is valid|validated)/i;

/** Failed and successful validations in a controller's log, which slog wrote as text or JSON. */
export function verdictsOfLog(text: string, from: Origin): readonly Verdict[] {
  return text.split('\n').flatMap((line, index): Verdict[] => {
    const [, stamp = '', said = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    const at = Date.parse(stamp);
    if (Number.isNaN(at)) return [];
    if (FAILED.test(said)) return [{ ok: false, text: errorOf(said), at, from: { ...from, line: index + 1 } }];
    return SUCCEEDED.test(said) && !/\blevel=(?:WARN|ERROR)\b|"level":"(?:WARN|ERROR)"/i.test(said)
      ? [{ ok: true, at }]
      : [];
  });
}

/** The value of `error`, else the whole line. */
function errorOf(said: string): string {
  const quoted = /(?:\berror=|"error":)("(?:\\.|[^"\\])*")/.exec(said)?.[1];
  if (quoted !== undefined) {
    try {
      const error: unknown = JSON.parse(quoted);
      if (typeof error === 'string') return error;
    } catch {
      return quoted.slice(1, -1);
    }
  }
  return /\berror=(\S+)/.exec(said)?.[1] ?? said;
}
