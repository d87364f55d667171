import { forbidden } from './forbidden.ts';
import type { RequestInfo } from './handlers.ts';
import { StatusError } from './status.ts';

/** What goes wrong with a request. */
export type DialFault =
  | {
      readonly fault: 'status';
      readonly status: 401 | 403 | 404 | 410 | 429 | 500 | 503;
      /** The API server's usual words unless given. */
      readonly message?: string;
      /** Seconds, of a 429 or 503; 1 with a 429 unless given. */
      readonly retryAfter?: number;
    }
  /** The connection ends without an answer. */
  | { readonly fault: 'reset' }
  /** No answer as long as the server lives. */
  | { readonly fault: 'hang' }
  /** A page of HTML with status 200, as a captive portal sends it; instead of an upgrade too. */
  | { readonly fault: 'garbage' }
  /** An answer that HTTP finds whole, and that ends in the middle of its first part. */
  | { readonly fault: 'truncated' }
  /** The connection breaks off after so many bytes of the body, or of an exec's stdout. */
  | { readonly fault: 'cut'; readonly bytes: number }
  /** The command of an exec is killed after so many bytes of its stdout; what is no exec is cut. */
  | { readonly fault: 'kill'; readonly bytes: number };

type StatusFault = DialFault & { readonly fault: 'status' };

const WORDS: Readonly<Record<Exclude<StatusFault['status'], 403>, readonly [reason: string, message: string]>> = {
  401: ['Unauthorized', 'Unauthorized'],
  404: ['NotFound', 'the server could not find the requested resource'],
  410: ['Expired', 'The provided continue parameter is too old to display a consistent list result.'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
};

/** The refusal that a fault stands for. */
export function statusOfFault({ status, message, retryAfter }: StatusFault, info: RequestInfo): StatusError {
  if (status === 403) {
    const about = info.resource === '' ? 'path' : 'resource';
    const usual = forbidden({ ...info, about }, { allowed: false });
    return message === undefined ? usual : new StatusError(403, 'Forbidden', message, usual.details);
  }
  const [reason, words] = WORDS[status];
  const wait = retryAfter ?? (status === 429 ? 1 : undefined);
  return new StatusError(status, reason, message ?? words, wait === undefined ? {} : { retryAfterSeconds: wait });
}
