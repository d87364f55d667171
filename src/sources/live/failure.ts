/** Why a request got no whole answer. `words` never contain what a library said. */
export interface Failure {
  readonly kind: 'timeout' | 'stopped' | 'reset' | 'unreachable' | 'tls' | 'too-large';
  readonly words: string;
}

const RESETS = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_HTTP2_STREAM_ERROR', 'HPE_INVALID_CONSTANT'];

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at the moment',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'the connection timed out',
  ECONNABORTED: 'the connection was aborted',
  EADDRNOTAVAIL: 'no local address to connect from',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
};

const TLS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the authority in the kubeconfig',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the authority in the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the authority in the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is not signed by the authority in the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the authority in the kubeconfig',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the authority in the kubeconfig',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; is this computer’s clock right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name (--tls-server-name sets which one to expect)',
};

/** Says in the project's own words what a socket or TLS error means. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  const tls = TLS[code];
  if (tls) return { kind: 'tls', words: tls };
  if (/^ERR_(?:SSL|OSSL)/.test(code) && /ALERT/.test(code))
    return { kind: 'tls', words: `it refused the TLS handshake (${code})` };
  const unreachable = UNREACHABLE[code];
  if (unreachable) return { kind: 'unreachable', words: unreachable };
  if (RESETS.includes(code) || /^HPE_/.test(code)) return { kind: 'reset', words: 'the connection was reset' };
  return { kind: 'unreachable', words: code === '' ? 'the connection failed' : `the connection failed (${code})` };
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' && /^[A-Z0-9_]{1,60}$/.test(error.code) ? error.code : '';
}
