import { mintCa } from '../../scenario/certificates.ts';

export interface ServerCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

let minted: Promise<ServerCertificate> | undefined;

/** A certificate for `localhost` that is valid whatever the clock says; minted once per process. */
export function serverCertificate(): Promise<ServerCertificate> {
  minted ??= mint();
  return minted;
}

async function mint(): Promise<ServerCertificate> {
  const validity = { notBefore: Date.parse('2020-01-01T00:00:00Z'), notAfter: Date.parse('2049-01-01T00:00:00Z') };
  const ca = await mintCa({ subject: 'CN=API server test CA', ...validity });
  const leaf = await ca.issue({ subject: 'CN=kube-apiserver', dnsNames: ['localhost'], ...validity });
  return { ca: ca.certificatePem, cert: leaf.certificatePem, key: leaf.privateKeyPem };
}
