import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiServer, startApiServer } from '../live/api-server/server.ts';
import { serverCertificate } from '../live/api-server/server-certificate.ts';
import { healthyCluster } from '../live/cluster.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const folder = temporaryFolder('parity-');
let files = 0;

/** Writes a file of its own for each call. */
export function file(content: unknown): string {
  const path = join(folder, `file-${++files}`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  return path;
}

/** How a kubeconfig describes a server of these tests: what is false is left out, what is a text replaces it. */
export interface Described {
  readonly url: string;
  readonly authority?: false;
  readonly tlsServerName?: false;
}

export async function clusterEntry({ url, authority, tlsServerName }: Described) {
  const { ca } = await serverCertificate();
  return {
    server: url,
    ...(authority === false ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(tlsServerName === false ? {} : { 'tls-server-name': 'localhost' }),
  };
}

/** A kubeconfig with one context for each cluster, named alike, all as jane; joe has another token. */
export async function kubeconfig(clusters: Readonly<Record<string, Described>>, jane?: object): Promise<string> {
  const entries = Object.entries(clusters);
  return file({
    'current-context': entries[0]?.[0],
    clusters: await Promise.all(entries.map(async ([name, one]) => ({ name, cluster: await clusterEntry(one) }))),
    users: [
      { name: 'jane', user: jane ?? { token: 'good-token' } },
      { name: 'joe', user: { token: 'token-of-joe' } },
    ],
    contexts: entries.map(([name]) => ({ name, context: { cluster: name, user: 'jane', namespace: 'haptic' } })),
  });
}

/** A server in front of the healthy installation. */
export async function startCluster(options: Partial<Parameters<typeof startApiServer>[0]> = {}): Promise<ApiServer> {
  return await startApiServer({ ...(await healthyCluster()), ...options });
}
