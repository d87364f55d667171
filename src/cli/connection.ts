import type { ConnectionFlags } from '../sources/live/request.ts';
import type { ConnectionOptions, DoctorOptions } from './flags.ts';

/** Flags that mean something for a cluster only, as they are typed. */
const NEEDS_A_CLUSTER = {
  kubeconfig: '--kubeconfig',
  context: '--context',
  cluster: '--cluster',
  user: '--user',
  as: '--as',
  asGroup: '--as-group',
  asUid: '--as-uid',
  asUserExtra: '--as-user-extra',
  server: '--server',
  token: '--token',
  certificateAuthority: '--certificate-authority',
  clientCertificate: '--client-certificate',
  clientKey: '--client-key',
  insecureSkipTlsVerify: '--insecure-skip-tls-verify',
  tlsServerName: '--tls-server-name',
  requestTimeout: '--request-timeout',
  timeout: '--timeout',
  concurrency: '--concurrency',
} as const satisfies Partial<Record<keyof DoctorOptions, string>>;

/** The first flag among `options` that makes no sense without a cluster. */
export function clusterFlagAmong(options: DoctorOptions): string | undefined {
  if (!options.exec) return '--no-exec';
  if (!options.logs) return '--no-logs';
  const given = new Map<string, unknown>(Object.entries(options));
  return Object.entries(NEEDS_A_CLUSTER).find(([name]) => given.get(name) !== undefined)?.[1];
}

/** The connection flags in the words of the live source. */
export function connectionFlags(options: ConnectionOptions): ConnectionFlags {
  const { asGroup, requestTimeout, asUserExtra } = options;
  return {
    ...defined({
      kubeconfig: options.kubeconfig,
      context: options.context,
      cluster: options.cluster,
      user: options.user,
      as: options.as,
      asUid: options.asUid,
      server: options.server,
      token: options.token,
      certificateAuthority: options.certificateAuthority,
      clientCertificate: options.clientCertificate,
      clientKey: options.clientKey,
      insecureSkipTlsVerify: options.insecureSkipTlsVerify,
      tlsServerName: options.tlsServerName,
    }),
    ...(asGroup === undefined ? {} : { asGroups: asGroup }),
    ...(asUserExtra === undefined ? {} : { asUserExtra }),
    ...(requestTimeout === undefined ? {} : { requestTimeoutMs: requestTimeout }),
  };
}

/** The members that are there. */
function defined<T extends Readonly<Record<string, unknown>>>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
