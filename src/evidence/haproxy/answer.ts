import { BROKEN_OFF, CUT, NO_SUCH_COMMAND, TIMED_OUT, UNSAFE_NAME } from '../probe/status.ts';

/** What HAProxy's command line made of one command. Socat's status is 0 for every refusal: the text decides. */
export type CliAnswer =
  | { readonly kind: 'text'; readonly text: string }
  /** Nothing came back: a stopped process, a reload, a socket that nobody serves. Never "nothing is loaded". */
  | { readonly kind: 'no-answer'; readonly because: string }
  /** The worker has no certificate or CA file under this name. */
  | { readonly kind: 'not-loaded' }
  /** The master knows no such process (any more). */
  | { readonly kind: 'no-target' }
  /** The level of the socket does not allow it. */
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'unknown-command' }
  /** The container has no socat. */
  | { readonly kind: 'no-tool'; readonly because: string }
  /** Longer than what the probe hands on; the beginning of it. */
  | { readonly kind: 'cut'; readonly text: string }
  /** Not asked: the name cannot be sent as one word. */
  | { readonly kind: 'not-sent' };

/**
 * @param text as HAProxy sent it, socat's complaints included
 * @param status of socat, or of the probe where nothing was asked
 */
export function readCliAnswer(text: string, status: number): CliAnswer {
  if (status === UNSAFE_NAME) return { kind: 'not-sent' };
  if (status === CUT) return { kind: 'cut', text };
  if (status === NO_SUCH_COMMAND) return { kind: 'no-tool', because: firstLine(text) };
  if (status === BROKEN_OFF) return { kind: 'no-answer', because: 'its answer ended in the middle' };
  if (status === TIMED_OUT) return { kind: 'no-answer', because: 'the connection took too long' };
  if (status !== 0) return { kind: 'no-answer', because: socatReason(text) };
  if (text === '') return { kind: 'no-answer', because: 'the connection was accepted and nothing came back' };
  if (text.startsWith("Can't find the target PID")) return { kind: 'no-target' };
  if (text.startsWith('Unknown command')) return { kind: 'unknown-command' };
  if (text.startsWith('Permission denied')) return { kind: 'refused', because: 'Permission denied' };
  if (text.startsWith("Can't allocate memory!")) return { kind: 'refused', because: "Can't allocate memory!" };
  if (text.startsWith("Can't display the certificate: Not found")) return { kind: 'not-loaded' };
  if (text.startsWith("Can't display the CA file : Not found")) return { kind: 'not-loaded' };
  return { kind: 'text', text };
}

/** `2026/… socat[7] E connect(, AF=1 "…", 41): Connection refused` without what varies. */
function socatReason(text: string): string {
  const line = firstLine(text);
  const at = line.lastIndexOf('): ');
  return at < 0 ? line : line.slice(at + 3);
}

/** Without control characters, and short enough for a sentence. */
export function firstLine(text: string): string {
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end);
  return line.slice(0, 200).trim();
}
