import type { RequestOptions } from 'node:https';
import tls, { type SecureContext } from 'node:tls';
import { CannotRun } from '../../doctor/cannot-run.ts';
import type { Chosen } from './choose-context.ts';
import { shown } from './shown.ts';

export type TlsParts = Pick<RequestOptions, 'ca' | 'cert' | 'key'>;

/**
 * What a connection is made with. Throws `CannotRun` for an authority that is no certificate, and for a client
 * certificate that does not go with its key.
 */
export function secureContextOf(parts: TlsParts, { user, cluster }: Chosen): SecureContext {
  // OpenSSL passes over what it cannot read, and every server would seem untrustworthy.
  if (parts.ca !== undefined && !/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(String(parts.ca))) {
    throw new CannotRun(`the certificate authority of cluster '${shown(cluster.name)}' is not a PEM certificate`);
  }
  try {
    return tls.createSecureContext(parts);
  } catch {
    throw new CannotRun(
      `the client certificate and key of user '${shown(user.name)}' cannot be used: they are broken, or don't belong together`,
    );
  }
}

/**
 * The authorities that this machine trusts, as kubectl trusts them where a kubeconfig names none: SSL_CERT_FILE,
 * SSL_CERT_DIR, or what the system has. Undefined where there are none or an old Node cannot tell: then Node's own
 * default holds.
 */
export function authoritiesOfTheSystem(): string[] | undefined {
  const { getCACertificates }: Partial<typeof tls> = tls;
  // Debian has each of them in a file of all and in one of its own.
  const authorities = [...new Set(getCACertificates?.('system'))];
  return authorities.length === 0 ? undefined : authorities;
}
