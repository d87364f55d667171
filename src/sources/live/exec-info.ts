import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { isObject, listAt, textAt } from '../../evidence/json.ts';

/**
 * Gives a credential plug-in KUBERNETES_EXEC_INFO, which kubectl always sets and some plug-ins demand; the client library
 * does not. Format: client.authentication.k8s.io ExecCredential.
 */
export function withExecInfo(user: User, cluster: Cluster): User {
  const exec: unknown = user.exec;
  if (!isObject(exec)) return user;
  const info = {
    apiVersion: textAt(exec.apiVersion) ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
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
  };
  return {
    ...user,
    exec: { ...exec, env: [{ name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }, ...listAt(exec.env)] },
  };
}
