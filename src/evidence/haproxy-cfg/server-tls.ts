import type { ServerTls } from '../facts/rendered-config.ts';

/** A server line's TLS keywords and whether the server is administratively down. */
export interface ServerSettings {
  readonly tls: ServerTls;
  readonly disabled: boolean;
}

/** What `crt-base`, `ca-base` and `ssl-server-verify` of the global section add to a server line. */
export interface ServerBases {
  readonly crtBase?: string;
  readonly caBase?: string;
  readonly serverVerify?: 'none' | 'required';
}

export const NO_SETTINGS: ServerSettings = { tls: { ssl: false, check: false }, disabled: false };

/** Keywords of a server line that stand alone; every other known one takes the next word as its value. */
const ALONE = new Set(
  (
    'agent-check allow-0rtt backup check check-send-proxy check-sni-auto check-ssl check-via-socks4 check-reuse-pool disabled enabled ' +
    'force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 non-stick renegotiate send-proxy send-proxy-v2 send-proxy-v2-ssl ' +
    'send-proxy-v2-ssl-cn sni-auto ssl ssl-reuse stick strict-maxconn tfo tls-tickets'
  ).split(' '),
);

const WITH_VALUE = new Set(
  (
    'addr agent-addr agent-inter agent-port agent-send alpn ca-file cc check-alpn check-pool-conn-name check-proto check-sni ciphers ' +
    'ciphersuites client-sigalgs cookie crl-file crt curves downinter ecdhe error-limit fall fastinter guid hash-key id init-addr init-state ' +
    'inter interface ktls log-bufsize log-proto max-reuse maxconn maxqueue minconn namespace npn observe on-error on-marked-down ' +
    'on-marked-up pool-conn-name pool-low-conn pool-max-conn pool-purge-delay port proto proxy-v2-options quic-cc-algo redir ' +
    'resolve-net resolve-opts resolve-prefer resolvers rise shard sigalgs slowstart sni socks4 source ssl-max-ver ssl-min-ver tcp-md5sig ' +
    'tcp-ut track usesrc verify verifyhost weight ws'
  ).split(' '),
);

/**
 * Applies the keywords of a `server` or `default-server` line, from `words[from]` on, to what was in force before it.
 * The last keyword wins.
 */
export function applyKeywords(
  before: ServerSettings,
  words: readonly string[],
  from: number,
  bases: ServerBases,
): ServerSettings {
  const tls: Mutable<ServerTls> = { ...before.tls };
  let disabled = before.disabled;
  let at = from;
  while (at < words.length) {
    const keyword = words[at] ?? '';
    at += 1;
    if (keyword === 'disabled') disabled = true;
    else if (keyword === 'enabled') disabled = false;
    else if (keyword === 'ssl') tls.ssl = true;
    else if (keyword === 'no-ssl') tls.ssl = false;
    else if (keyword === 'check') tls.check = true;
    else if (keyword === 'no-check') tls.check = false;
    else if (keyword === 'no-verifyhost') delete tls.verifyHost;
    else if (takesValue(keyword)) {
      const value = words[at];
      at += 1;
      if (value !== undefined) setValue(tls, keyword, value, bases);
    }
  }
  if (tls.ssl && tls.verify === undefined && bases.serverVerify !== undefined) tls.verify = bases.serverVerify;
  return { tls, disabled };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function takesValue(keyword: string): boolean {
  return !ALONE.has(keyword) && (WITH_VALUE.has(keyword) || keyword.startsWith('set-proxy-v2-tlv-fmt('));
}

function setValue(tls: Mutable<ServerTls>, keyword: string, value: string, bases: ServerBases): void {
  if (keyword === 'verify') {
    if (value === 'none' || value === 'required') tls.verify = value;
  } else if (keyword === 'ca-file') tls.caFile = underBase(bases.caBase, value);
  else if (keyword === 'crt') tls.crt = underBase(bases.crtBase, value);
  else if (keyword === 'sni') tls.sni = value;
  else if (keyword === 'verifyhost') tls.verifyHost = value;
  else if (keyword === 'check-sni') tls.checkSni = value;
  else if (keyword === 'alpn') tls.alpn = value;
}

/** The name under which HAProxy knows a file: what is written, below the base when that is relative. */
export function underBase(base: string | undefined, path: string): string {
  return base === undefined || path.startsWith('/') || path.startsWith('@') ? path : `${base}/${path}`;
}
