import type { LogLine } from '../seams.ts';
import { invalid, type StatusCause } from './status.ts';

/** Which part of a log is wanted, and how. */
export interface LogQuery {
  readonly previous: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** The last so many lines; undefined: all. */
  readonly tail: number | undefined;
  /** Epoch milliseconds; nothing older. */
  readonly since: number | undefined;
  readonly limitBytes: number | undefined;
}

/** Throws the API server's refusal of what makes no sense. */
export function logQuery(query: URLSearchParams, pod: string, now: number): LogQuery {
  const causes: StatusCause[] = [];
  const number = (field: string, least: number): number | undefined => {
    const given = query.get(field);
    if (given === null) return undefined;
    const value = Number(given);
    if (Number.isInteger(value) && value >= least) return value;
    const message = `Invalid value: ${given}: must be greater than or equal to ${least}`;
    causes.push({ reason: 'FieldValueInvalid', message, field });
    return undefined;
  };
  const tail = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const seconds = number('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (seconds !== undefined && sinceTime !== null) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified';
    causes.push({ reason: 'FieldValueForbidden', message, field: '' });
  }
  if (causes.length > 0) throw invalid('PodLogOptions', '', pod, causes);
  const since = seconds === undefined ? (sinceTime === null ? undefined : Date.parse(sinceTime)) : now - seconds * 1000;
  const flag = (key: string) => ['true', '1'].includes(query.get(key) ?? '');
  return {
    previous: flag('previous'),
    follow: flag('follow'),
    timestamps: flag('timestamps'),
    tail,
    since,
    limitBytes,
  };
}

/** What a kubelet finds first: it goes back so many lines, and skips what is too old after that. */
export function wantedLines(lines: readonly LogLine[], { tail, since }: LogQuery): readonly LogLine[] {
  const last = tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  return since === undefined ? last : last.filter(({ at }) => at >= since);
}

export function printLine({ at, text }: LogLine, { timestamps }: LogQuery): string {
  return `${timestamps ? `${new Date(at).toISOString().replace('Z', '000000Z')} ` : ''}${text}\n`;
}
