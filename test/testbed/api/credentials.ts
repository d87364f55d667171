import { createHash } from 'node:crypto';
import { mintCa, type Validity } from '../../scenario/certificates.ts';
import type { UserInfo } from './handlers.ts';

/** Everything that says who is who: the server's certificate, one user's, and everybody's tokens. */
export interface Credentials {
  /** PEM; the authority of the server's certificate and of the clients'. */
  readonly authority: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** Of the administrator, in the group `system:masters`. */
  readonly client: { readonly cert: string; readonly key: string };
}

/** The user with the client certificate. */
export const ADMINISTRATOR = 'kubernetes-admin';

/** Valid whatever the clock says. */
const ALWAYS: Validity = {
  notBefore: Date.parse('2020-01-01T00:00:00Z'),
  notAfter: Date.parse('2049-01-01T00:00:00Z'),
};

let minted: Promise<Credentials> | undefined;

/** Minted once per process. */
export function apiCredentials(): Promise<Credentials> {
  minted ??= mint();
  return minted;
}

async function mint(): Promise<Credentials> {
  const ca = await mintCa({ subject: 'CN=kubernetes', ...ALWAYS });
  const server = await ca.issue({ subject: 'CN=kube-apiserver', dnsNames: ['localhost', 'kubernetes'], ...ALWAYS });
  const client = await ca.issue({ subject: `O=system:masters, CN=${ADMINISTRATOR}`, eku: ['clientAuth'], ...ALWAYS });
  return {
    authority: ca.certificatePem,
    server: { cert: server.certificatePem, key: server.privateKeyPem },
    client: { cert: client.certificatePem, key: client.privateKeyPem },
  };
}

/** The bearer token of a user; the same in every run. */
export function tokenOf(user: string): string {
  return createHash('sha256').update(`token of ${user}`).digest('base64url');
}

/** A kubeconfig with the context `testbed`, in the namespace `haptic`. */
export function kubeconfigOf(url: string, { authority, client }: Credentials, user: UserInfo): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const credential =
    user.user === ADMINISTRATOR
      ? { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) }
      : { token: tokenOf(user.user) };
  const cluster = {
    server: url,
    'certificate-authority-data': base64(authority),
    'tls-server-name': 'localhost',
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'testbed',
    clusters: [{ name: 'testbed', cluster }],
    users: [{ name: user.user, user: credential }],
    contexts: [{ name: 'testbed', context: { cluster: 'testbed', user: user.user, namespace: 'haptic' } }],
  });
}
