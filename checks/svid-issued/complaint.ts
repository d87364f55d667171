import type { HelperLogView, LogLine } from '../../src/evidence/facts/helper-log.ts';
import { quoteOf } from '../../src/evidence/logs/log-lines.ts';

/** What a helper's last standing error says about the way of the SVID. */
export interface Complaint {
  readonly kind: 'no-identity' | 'attestation-failed' | 'hint-not-found' | 'not-reached' | 'write-failed' | 'other';
  readonly helper: string;
  readonly line: LogLine;
  /** The error without the log's own decoration. */
  readonly quote: string;
}

/** The newest standing error of all helpers of a pod; undefined when none complains. */
export function readComplaint(logs: readonly HelperLogView[]): Complaint | undefined {
  let newest: Complaint | undefined;
  for (const { helper, lastError } of logs) {
    if (lastError && (newest === undefined || lastError.at > newest.line.at))
      newest = { helper, line: lastError, quote: quoteOf(lastError.text), kind: kindOf(lastError.text) };
  }
  return newest;
}

/** The helper asks at least every 30 s and logs each refusal. */
const STILL_ASKING_MS = 120_000;

/**
 * Whether the next SVID will not arrive although there is one: SPIRE refuses the pod right now, or the helper could not
 * write what it got. A refusal that was not repeated is over; what could not be written is tried again at the next update.
 */
export function isStanding({ kind, line }: Complaint, now: number): boolean {
  if (kind === 'write-failed') return true;
  return (kind === 'no-identity' || kind === 'attestation-failed') && now - line.at < STILL_ASKING_MS;
}

function kindOf(text: string): Complaint['kind'] {
  if (/failed to find the hinted x509 SVID/i.test(text)) return 'hint-not-found';
  if (/workload attestation failed/i.test(text)) return 'attestation-failed';
  if (/no identity issued|PermissionDenied/.test(text)) return 'no-identity';
  if (/dial unix|connection error|code = Unavailable/.test(text)) return 'not-reached';
  if (/Unable to dump bundle/.test(text)) return 'write-failed';
  return 'other';
}
