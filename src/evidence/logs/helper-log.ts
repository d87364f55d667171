import type { DialError, HelperLogView, LogLine } from '../facts/helper-log.ts';
import { logFields, readLogLines } from './log-lines.ts';

interface HelperLog {
  readonly helper: string;
  readonly text: string;
  readonly truncated: boolean;
  /** Epoch milliseconds; earlier lines belong to an earlier run of the container. */
  readonly startedAt?: number;
}

/**
 * Reads what spiffe-helper 0.8–0.11 logs (cmd/spiffe-helper, pkg/sidecar): errors stand until a later
 * `X.509 certificates updated` clears them; the Workload API is reached when `Received update` follows.
 */
export function readHelperLog({ helper, text, truncated, startedAt }: HelperLog): HelperLogView {
  const lines = readLogLines(text, startedAt === undefined ? 0 : startedAt - 1_000);
  let lastUpdate: LogLine | undefined;
  let lastError: LogLine | undefined;
  let dialError: DialError | undefined;
  let batch: { at: number; ids: Set<string> } | undefined;
  for (const line of lines) {
    if (line.text.includes('X.509 certificates updated')) {
      lastUpdate = line;
      lastError = undefined;
      dialError = undefined;
    } else if (line.text.includes('Received update')) {
      dialError = undefined;
      const id = logFields(line.text).get('spiffe_id');
      // One line an SVID: those of one second are one batch.
      if (!batch || line.at - batch.at > 1_000) batch = { at: line.at, ids: new Set() };
      if (id) batch.ids.add(id);
    } else if (isError(line.text)) {
      lastError = line;
      // An answer, even a refusal, shows that the socket was reached.
      dialError = readDialError(line) ?? (ANSWERED.test(line.text) ? undefined : dialError);
    }
  }
  return {
    helper,
    ...(startedAt === undefined ? {} : { containerStartedAt: startedAt }),
    lines,
    ...(lastUpdate ? { lastUpdate } : {}),
    receivedIds: batch ? [...batch.ids].toSorted() : [],
    ...(dialError ? { dialError } : {}),
    ...(lastError ? { lastError } : {}),
    truncated,
  };
}

const ANSWERED = /code = (?:PermissionDenied|InvalidArgument|Unauthenticated|NotFound|Internal)\b|no identity issued/;

function isError(text: string): boolean {
  return (
    /\blevel=(?:error|fatal)\b/i.test(text) ||
    /^Error\b/.test(text) ||
    (/\blevel=warn/i.test(text) && /x509|error/i.test(text))
  );
}

/** Some releases leave `connect:` out of the text; grpc prints the path behind `dial unix`. */
function readDialError(line: LogLine): DialError | undefined {
  const match =
    /dial unix ([^\s"]+?): (?:connect: )?(no such file or directory|connection refused|permission denied)?/.exec(
      line.text,
    );
  if (!match) return undefined;
  const [, path = '', words] = match;
  const reason =
    words === 'no such file or directory' || words === 'connection refused' || words === 'permission denied'
      ? words
      : 'other';
  return { ...line, path, reason };
}
