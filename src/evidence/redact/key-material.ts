/** What a text lost when it passed `maskSecrets`. */
export interface Masked {
  readonly text: string;
  /** The gravest thing that was taken out; absent: nothing was. */
  readonly reason?: 'private-key' | 'credential';
}

const BEGIN = /-{2,}\s*BEGIN\b/i;
const END = /-{2,}\s*END\b/i;

/** A run of base64 (either alphabet) that is long enough to hold key material. */
const BASE64_RUN = /[A-Za-z0-9+/_-]{40,}={0,2}/g;
const SHORT_RUN = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
/** Longer than any SHA-256 in hex, which checksums and image digests are. */
const HEX_RUN = /[0-9A-Fa-f]{65,}/g;
/** The same with separators: `30:81:87`, `30 81 87`. */
const SPACED_HEX_RUN = /(?:[0-9A-Fa-f]{2}[: ]){31,}[0-9A-Fa-f]{2}/g;
const TOKEN = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,64}):([^\s/@]{1,256})@/gi;
const CREDENTIAL_NAME =
  '[A-Za-z0-9_-]{0,40}?(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|authorization|credentials?|dsn|connection[_-]?string)';
/** `password=…`, `"token": "…"`; a parser's `unexpected token: …` is none. */
const CREDENTIAL = new RegExp(
  `(?<!(?:unknown|unexpected|invalid|illegal) )\\b(${CREDENTIAL_NAME})(["']?\\s{0,8}(?::=|=|:)\\s{0,8}["']?)((?:bearer|basic)\\s{1,4})?([^\\s"',;&)}\\]]{6,4096})`,
  'gi',
);
const CREDENTIAL_FLAG = new RegExp(`(--${CREDENTIAL_NAME})(\\s{1,8}["']?)([^\\s"']{4,4096})`, 'gi');
const BEARER = /\b(bearer|basic)(\s+)([A-Za-z0-9+/_=.-]{12,})/gi;

/**
 * Blots out key material and credentials wherever they stand, character for character: line breaks, columns and the
 * length of the text stay. Keys are found by their armour, also when its END is missing, and without armour as long
 * runs of base64 or hex. Certificates are public, but nothing here needs them, so their blocks are blotted out too.
 */
export function maskSecrets(text: string): Masked {
  if (text.length < SHORTEST || harmless.has(text)) return { text };
  const result = mask(text);
  // What had something in it is not kept, nor what is as long as whole logs, of which no two are alike.
  if (result.reason === undefined && text.length <= LONGEST) {
    if (harmless.size >= REMEMBERED) harmless.clear();
    harmless.add(text);
  }
  return result;
}

/** No rule finds anything in a text that is shorter. */
const SHORTEST = 8;
const LONGEST = 4096;
/** Pods of one Deployment say the same things, so that few texts are new. */
const REMEMBERED = 2000;
const harmless = new Set<string>();

function mask(text: string): Masked {
  const byKey = maskKeys(text);
  const byCredential = maskCredentials(byKey);
  if (byKey !== text) return { text: byCredential, reason: 'private-key' };
  return byCredential === text ? { text } : { text: byCredential, reason: 'credential' };
}

/** Only what may be key material; see `maskSecrets`. */
export function maskKeys(text: string): string {
  if (text.length < 20) return text;
  const runsMasked = text.replace(BASE64_RUN, blotBase64).replace(HEX_RUN, blot).replace(SPACED_HEX_RUN, blot);
  const hasArmour = BEGIN.test(text);
  if (!hasArmour && (runsMasked === text || !text.includes('\n'))) return runsMasked;
  return maskLines(text.split('\n'), runsMasked.split('\n')).join('\n');
}

/** Inside armour every character goes; beside a line that ends in a blotted run goes the word that continues it. */
function maskLines(original: readonly string[], lines: readonly string[]): string[] {
  const masked = [...lines];
  let inside = false;
  for (const [index, line] of original.entries()) {
    const begins = BEGIN.exec(line);
    if (begins) inside = true;
    if (inside) masked[index] = blotArmoured(line);
    if (inside && END.test(begins ? line.slice(begins.index + begins[0].length) : line)) inside = false;
  }
  for (let at = 1; at < masked.length; at += 1) {
    if (isBlottedAt(-1, original[at - 1], masked[at - 1]))
      masked[at] = (masked[at] ?? '').replace(/^\s*[A-Za-z0-9+/=_-]{4,}/, blot);
  }
  // Where every line of a key is decorated, its short last one is told from a name by what stands before it.
  for (let at = 1; at < masked.length; at += 1) {
    if (masked[at - 1] !== original[at - 1]) masked[at] = (masked[at] ?? '').replace(SHORT_RUN, blotBase64);
  }
  for (let at = masked.length - 2; at >= 0; at -= 1) {
    if (isBlottedAt(0, original[at + 1], masked[at + 1])) masked[at] = (masked[at] ?? '').replace(LAST_WORD, blot);
  }
  return masked;
}

const LAST_WORD = /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{4,}\s*$/;

/** Whether the first (0) or last (-1) character of a line fell to blotting. */
function isBlottedAt(position: 0 | -1, original = '', masked = ''): boolean {
  return original.trim().at(position) !== masked.trim().at(position) || /^x{4,}$/.test(masked.trim());
}

/** Label lines of armour tell what was there without telling it. */
function blotArmoured(line: string): string {
  const label = /-{5}(?:BEGIN|END) [A-Z0-9 ]{1,40}-{5}/.exec(line);
  if (!label) return blot(line);
  const end = label.index + label[0].length;
  return blot(line.slice(0, label.index)) + label[0] + blot(line.slice(end));
}

function maskCredentials(text: string): string {
  if (text.length < 8) return text;
  return text
    .replace(TOKEN, blot)
    .replace(URL_PASSWORD, (_, head: string, password: string) => `${head}:${blot(password)}@`)
    .replace(
      CREDENTIAL,
      (_, name: string, between: string, scheme: string | undefined, value: string) =>
        `${name}${between}${scheme ?? ''}${isReference(value) ? value : blot(value)}`,
    )
    .replace(
      CREDENTIAL_FLAG,
      (_, name: string, between: string, value: string) =>
        `${name}${between}${isReference(value) ? value : blot(value)}`,
    )
    .replace(BEARER, (_, scheme: string, between: string, value: string) => `${scheme}${between}${blot(value)}`);
}

/** `${VARIABLE}`, `$(command)`, a path: where a secret is, not what it is. */
function isReference(value: string): boolean {
  return /^(?:\$[({A-Za-z_]|\/[\w.-]+\/|\{\{|<)/.test(value);
}

function blotBase64(run: string): string {
  return looksRandom(run) ? blot(run) : run;
}

/** Words, paths, names with hashes and fingerprints use fewer kinds of characters than base64 does. */
function looksRandom(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);
}

function blot(text: string): string {
  // Other characters are no part of a key, and their length in bytes counts where columns do.
  return text.replace(/[!-~]/g, 'x');
}
