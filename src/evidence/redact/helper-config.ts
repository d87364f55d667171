import { type HclToken, hclTokens } from './hcl-tokens.ts';
import { maskKeys } from './key-material.ts';

/** Every key that any release of spiffe-helper knows, in lower case; also those whose values are nobody's business. */
const KNOWN_KEYS = new Set(
  (
    'agent_address cmd cert_dir svid_file_name svid_key_file_name svid_bundle_file_name renew_signal add_intermediates_to_bundle ' +
    'include_federated_domains daemon_mode jwt_svids jwt_audience jwt_extra_audiences jwt_svid_file_name jwt_bundle_file_name pid_file_name ' +
    'cert_file_mode key_file_mode jwt_bundle_file_mode jwt_svid_file_mode health_checks listener_enabled bind_port liveness_path ' +
    'readiness_path hint omit_expired exit_when_ready agentaddress certdir svidfilename svidkeyfilename svidbundlefilename renewsignal ' +
    'addintermediatestobundle'
  ).split(' '),
);
const SECRET_KEYS = ['cmd_args', 'cmdargs'];

/**
 * helper.conf with the same lines, columns and syntax, and without what is not read: comments, arguments of the
 * command that it starts, values of keys that spiffe-helper does not know, and anything that may be key material.
 */
export function reduceHelperConfig(text: string): string {
  const reduced = keyedTokens(text).map(({ token, key, isName }) => (isName ? token.text : reduceToken(token, key)));
  const masked = maskKeys(text);
  // Both keep the length, so what either took out is left out.
  return reduced
    .join('')
    .split('')
    .map((char, index) => (masked[index] === text[index] ? char : (masked[index] ?? '')))
    .join('');
}

/** True when values of a text that passed here may have been replaced, so that it must not be written back. */
export function mayLackValues(text: string): boolean {
  return keyedTokens(text).some(({ token, key, isName }) => {
    if (token.kind === 'comment' || token.kind === 'space' || token.kind === 'punctuation' || isName) return false;
    if (BLOTTED.test(token.text)) return true;
    return reduceToken(token, key) === token.text && !isKept(token, key) && /[x19a]/.test(token.text);
  });
}

/** What stands where key material was. */
const BLOTTED = /x{16,}/;

interface KeyedToken {
  readonly token: HclToken;
  /** The key, in lower case, whose value the token belongs to; '' where there is none. */
  readonly key: string;
  /** The token is a key itself, or says the name of one. */
  readonly isName: boolean;
}

function keyedTokens(text: string): readonly KeyedToken[] {
  const tokens = hclTokens(text);
  let key = '';
  let depth = 0;
  return tokens.map((token, index) => {
    const isKey = (token.kind === 'word' || token.kind === 'string') && standsForKey(tokens, index);
    if (isKey) key = unquoted(token.text).toLowerCase();
    if (token.text === '[') depth += 1;
    if (token.text === ']') depth -= 1;
    // What a closing brace follows belongs to no key yet.
    if (token.text === '}' && depth <= 0) key = '';
    return { token, key, isName: isKey || isKnown(unquoted(token.text)) };
  });
}

function isKept(token: HclToken, key: string): boolean {
  return KNOWN_KEYS.has(key) || /^(?:true|false|null)$/.test(token.text);
}

function reduceToken(token: HclToken, key: string): string {
  if (token.kind === 'comment') return token.text.slice(0, 1) + token.text.slice(1).replace(/(?![/*#])[!-~]/g, 'x');
  if (token.kind === 'space' || token.kind === 'punctuation') return token.text;
  if (isKept(token, key)) return token.text;
  if (token.kind === 'word') return fillWord(token.text);
  if (token.kind === 'heredoc') return fillHeredoc(token.text);
  return fillString(token.text);
}

/** A key is followed by `=`, `{` or, where somebody thought of YAML, `:`; a line may also begin with one. */
function standsForKey(tokens: readonly HclToken[], index: number): boolean {
  const next = nextSolid(tokens, index + 1, 1);
  if (next?.sameLine && ['=', '{', ':'].includes(next.token.text)) return true;
  const before = nextSolid(tokens, index - 1, -1);
  const isValue = before !== undefined && ['=', ':'].includes(before.token.text);
  // A block's labels stand between its key and its brace.
  if (next?.sameLine && next.token.kind === 'string' && !isValue) return true;
  const first = before === undefined || !before.sameLine;
  // Inside a list values begin lines too; a key there is followed by what is tested above.
  return (
    first &&
    !(before && ['[', ',', '='].includes(before.token.text)) &&
    tokens[index]?.kind === 'word' &&
    /^[A-Za-z_][\w.-]{0,64}$/.test(tokens[index]?.text ?? '')
  );
}

function nextSolid(
  tokens: readonly HclToken[],
  from: number,
  step: 1 | -1,
): { token: HclToken; sameLine: boolean } | undefined {
  let sameLine = true;
  for (let at = from; at >= 0 && at < tokens.length; at += step) {
    const token = tokens[at];
    if (!token) return undefined;
    if (token.kind !== 'space' && token.kind !== 'comment') return { token, sameLine };
    if (token.text.includes('\n')) sameLine = false;
  }
  return undefined;
}

function isKnown(word: string): boolean {
  const lower = word.toLowerCase();
  return KNOWN_KEYS.has(lower) || SECRET_KEYS.includes(lower);
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, '');
}

/** Numbers stay numbers, octal or not, and names stay names, since the parser tells them apart. */
function fillWord(word: string): string {
  if (!/^[-+]?[0-9]/.test(word)) return word.replace(/[A-Za-z0-9]/g, 'x');
  return word
    .replace(/[1-7]/g, '1')
    .replace(/[89]/g, '9')
    .replace(/[a-df]/gi, 'a');
}

function fillString(text: string): string {
  // What follows a backslash must stay an escape that the parser accepts, or refuses, as before.
  if (!text.includes('\\')) return text.replace(/(?!["${}])[!-~]/g, 'x');
  return text.replace(/\\[\s\S][0-9A-Fa-f]{0,8}|(?!["${}])[!-~]/g, (part) =>
    part.startsWith('\\') ? part.slice(0, 2) + part.slice(2).replace(/[0-9]/g, '0').replace(/[a-f]/gi, 'a') : 'x',
  );
}

function fillHeredoc(text: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, index) => (index === 0 || index === lines.length - 1 ? line : line.replace(/(?![${}])[!-~]/g, 'x')))
    .join('\n');
}
