import type { Cluster } from '@kubernetes/client-node/dist/config_types.js';
import { type JsonObject, textAt } from '../../evidence/json.ts';

/**
 * KUBERNETES_EXEC_INFO, which kubectl always sets for a credential plug-in and some plug-ins demand. Format:
 * ExecCredential of client.authentication.k8s.io.
 */
export function execInfo(exec: JsonObject, cluster: Cluster, interactive: boolean): string {
  return JSON.stringify({
    apiVersion: textAt(exec.apiVersion) ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive,
      ...(exec.provideClusterInfo === true
        ? {
            cluster: {
              server: cluster.server,
              ...(cluster.tlsServerName ? { 'tls-server-name': cluster.tlsServerName } : {}),
              ...(cluster.skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
              ...(cluster.caData ? { 'certificate-authority-data': cluster.caData } : {}),
            },
          }
        : {}),
    },
  });
}
