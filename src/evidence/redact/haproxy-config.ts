import { maskSecrets } from './key-material.ts';

/** Sections whose names are kept; every other section is kept as its keyword alone, so that nothing joins the section before it. */
const NAMED_SECTIONS = ['defaults', 'frontend', 'backend', 'listen', 'crt-store'];
const OTHER_SECTIONS =
  'global userlist peers resolvers mailers cache http-errors ring log-forward log-profile fcgi-app program traces acme'.split(
    ' ',
  );

/** Directives that pass whole. */
const WHOLE = [
  'mode',
  'crt-base',
  'key-base',
  'ca-base',
  'ssl-load-extra-files',
  'ssl-load-extra-del-ext',
  'ssl-server-verify',
];
const WHOLE_TOO = ['daemon', 'master-worker', 'tune.bufsize', 'default-path', 'disabled', 'enabled', 'load'];

/** Keywords of a server line that stand alone, and those that take one word. */
const SERVER_FLAGS = [
  'ssl',
  'no-ssl',
  'check',
  'no-check',
  'check-ssl',
  'no-check-ssl',
  'disabled',
  'enabled',
  'backup',
  'sni-auto',
];
const SERVER_FLAGS_TOO = [
  'no-sni-auto',
  'check-sni-auto',
  'no-check-sni-auto',
  'no-verifyhost',
  'ssl-reuse',
  'no-ssl-reuse',
];
const SERVER_VALUES = [
  'verify',
  'ca-file',
  'crt',
  'key',
  'sni',
  'verifyhost',
  'check-sni',
  'alpn',
  'check-alpn',
  'crl-file',
  'port',
  'proto',
  'weight',
];
/** Keywords whose value may look like one of the above. */
const SKIPPED_VALUES =
  'addr agent-addr agent-inter agent-port agent-send cc check-pool-conn-name check-proto ciphers ciphersuites client-sigalgs cookie curves downinter ecdhe error-limit fall fastinter guid hash-key id init-addr init-state inter interface ktls log-bufsize log-proto max-reuse maxconn maxqueue minconn namespace npn observe on-error on-marked-down on-marked-up pool-conn-name pool-low-conn pool-max-conn pool-purge-delay proxy-v2-options quic-cc-algo redir resolve-net resolve-opts resolve-prefer resolvers rise shard sigalgs slowstart socks4 source ssl-max-ver ssl-min-ver tcp-md5sig tcp-ut track usesrc ws'.split(
    ' ',
  );

const MAX_LINE = 16_384;

/**
 * Leaves of haproxy.cfg what decides about TLS to backends. Lines stay where they are; what does not pass is empty.
 * User lists, statistics credentials, header values, log targets, ACLs and the lines of sections that have nothing to do
 * with it are among what does not.
 */
export function reduceHaproxyConfig(text: string): string {
  return reduceConfigLines(text.split('\n')).join('\n');
}

/** The lines of one haproxy.cfg, or some of them, in order; without their comments. */
export function reduceConfigLines(lines: readonly string[]): readonly string[] {
  let passes = true;
  return lines.map((line) => {
    if (line.length > MAX_LINE) return '';
    const [first = '', second = '', ...rest] = wordsAsWritten(line);
    if (NAMED_SECTIONS.includes(first)) passes = true;
    else if (OTHER_SECTIONS.includes(first)) passes = first === 'global';
    else if (!passes) return '';
    return maskSecrets(reduceWords(first, second, rest)).text;
  });
}

function reduceWords(first: string, second: string, rest: readonly string[]): string {
  if (NAMED_SECTIONS.includes(first)) {
    const from =
      second === 'from' ? ['from', rest[0] ?? ''] : rest[0] === 'from' ? [second, 'from', rest[1] ?? ''] : [second];
    return join([first, ...from]);
  }
  if (OTHER_SECTIONS.includes(first)) return first;
  if (WHOLE.includes(first) || WHOLE_TOO.includes(first)) return join(['  ', first, second, ...rest]);
  switch (first) {
    case 'server':
      return join(['  ', first, second, rest[0] ?? '', ...serverKeywords(rest.slice(1))]);
    case 'server-template':
      return join(['  ', first, second, rest[0] ?? '', rest[1] ?? '', ...serverKeywords(rest.slice(2))]);
    case 'default-server':
      return join(['  ', first, ...serverKeywords([second, ...rest])]);
    case 'bind':
      return join(['  ', first, second, ...rest.filter((word) => word === 'ssl')]);
    case 'option':
      return second === 'httpchk' ? '   option httpchk' : '';
    case 'no':
      return second === 'option' && rest[0] === 'httpchk' ? '   no option httpchk' : '';
    case 'http-check':
      return /^[a-z-]{1,20}$/.test(second) ? `   http-check ${second}` : '';
    default:
      return '';
  }
}

function serverKeywords(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (SERVER_FLAGS.includes(word) || SERVER_FLAGS_TOO.includes(word)) kept.push(word);
    else if (SERVER_VALUES.includes(word)) {
      at += 1;
      kept.push(word, words[at] ?? '');
    } else if (SKIPPED_VALUES.includes(word) || word.startsWith('set-proxy-v2-tlv-fmt(')) at += 1;
  }
  return kept;
}

/** Words with their quotes and escapes, up to a comment. */
function wordsAsWritten(line: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '\\' && quote !== "'") {
      word += char + line.charAt(at + 1);
      at += 1;
    } else if (quote !== '') {
      word += char;
      if (char === quote) quote = '';
    } else if (char === '#') break;
    else if (/\s/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      if (char === '"' || char === "'") quote = char;
      word += char;
    }
  }
  if (word !== '') words.push(word);
  return words;
}

function join(words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' ');
}
