import type { SvidPaths } from '../facts/svid-files.ts';
import { PROBE_SCRIPT } from './script.ts';

/** What the probe is told to look at, as container haproxy sees it. An empty path is not looked at. */
export interface ProbePaths extends SvidPaths {
  /** HAProxy's master socket. */
  readonly socket: string;
  /** haproxy.cfg; only when HAPTIC does not publish what it rendered. */
  readonly config?: string;
}

/** Where HAPTIC's HAProxy listens for its master. */
export const MASTER_SOCKET = '/etc/haproxy/haproxy-master.sock';

const BOUNDARY = /^[A-Za-z0-9-]{8,64}$/;

/**
 * Without comments and indentation, and with fewer of the characters that take three bytes in a query: exec puts the
 * words into the request line, which proxies bound. Made when it is first needed: nobody waits for it before the first
 * request.
 */
const compacted = () =>
  PROBE_SCRIPT.replace(/^[ \t]+/gm, '')
    .replace(/^#.*\n/gm, '')
    .replace(/\n{2,}/g, '\n')
    .replace(/(?<=(?:\b(?:then|else|do|in)|[ (]\{|;;|\|\|?)$)\n/gm, ' ')
    .replace(/\[ ([^\n]+?) \]/g, 'test $1')
    .replace(/; (?=(?:then|do|return|esac|fi|\})\b)/g, ';');

let compact: string | undefined;

/**
 * The words for exec. Paths are words of their own and never become shell text.
 *
 * @param boundary 8 to 64 letters, digits or hyphens that the pod cannot foresee; the same for `readProbe`.
 */
export function probeCommand(paths: ProbePaths, boundary: string): string[] {
  if (!BOUNDARY.test(boundary)) throw new RangeError('a boundary is 8 to 64 letters, digits or hyphens');
  const { socket, directory, svid, key, bundle, config = '' } = paths;
  compact ??= compacted();
  return ['sh', '-c', compact, 'haptic-spire-probe', boundary, socket, directory, svid, key, bundle, config];
}
