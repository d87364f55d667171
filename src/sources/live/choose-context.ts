import { isAbsolute, resolve } from 'node:path';
import type { Cluster } from '@kubernetes/client-node/dist/config_types.js';
import { CannotRun } from '../../doctor/cannot-run.ts';
import type { MergedConfig } from './kubeconfig.ts';
import type { KubeconfigUser } from './kubeconfig-user.ts';
import type { ConnectionFlags } from './request.ts';
import { shown } from './shown.ts';

/** Whom to ask, and as whom. */
export interface Chosen {
  readonly cluster: Cluster;
  readonly user: KubeconfigUser;
  /** Absent when flags alone made the connection. */
  readonly context?: string;
  readonly namespace?: string;
}

const FROM_FLAGS: Cluster = { name: 'from-flags', server: '', skipTLSVerify: false };

/** Applies kubectl's flags on top of the files, with kubectl's precedence. Throws `CannotRun` for names that are not there. */
export function chooseContext(config: MergedConfig | undefined, flags: ConnectionFlags): Chosen {
  const name = flags.context ?? config?.currentContext;
  const context = config?.contexts.find((candidate) => candidate.name === name);
  if (flags.context !== undefined && !context)
    throw new CannotRun(`context '${shown(flags.context)}' is not in the kubeconfig; ${list(config?.contexts)}`);
  if (config === undefined && flags.server === undefined) {
    throw new CannotRun(
      'no cluster to ask: there is no kubeconfig (--kubeconfig, KUBECONFIG or ~/.kube/config); name a cluster, or read files with -f',
    );
  }
  if (!context && flags.cluster === undefined && flags.server === undefined) {
    const problem =
      name === undefined
        ? 'the kubeconfig has no current context'
        : `the current context '${shown(name)}' is not in the kubeconfig`;
    throw new CannotRun(`${problem}; choose one with --context; ${list(config?.contexts)}`);
  }
  return {
    cluster: chooseCluster(config, flags.cluster ?? context?.cluster, flags),
    user: chooseUser(config, flags.user ?? context?.user, flags),
    ...(context ? { context: context.name } : {}),
    ...(context?.namespace ? { namespace: context.namespace } : {}),
  };
}

function chooseCluster(config: MergedConfig | undefined, name: string | undefined, flags: ConnectionFlags): Cluster {
  const named = config?.clusters.find((candidate) => candidate.name === name);
  const server = flags.server ?? named?.server;
  if (server === undefined || (flags.cluster !== undefined && !named)) {
    throw new CannotRun(`cluster '${shown(name ?? '')}' is not in the kubeconfig; ${list(config?.clusters)}`);
  }
  const url = URL.parse(server);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new CannotRun(`the server of cluster '${shown(name ?? '')}' is not an http(s) URL`);
  const { caData: _, tlsServerName: given, ...cluster } = named ?? FROM_FLAGS;
  // Whoever types another address does not mean the name of the one that it replaces.
  const tlsServerName = flags.tlsServerName ?? (flags.server === undefined ? given : undefined);
  const caData = flags.certificateAuthority === undefined && !flags.insecureSkipTlsVerify ? named?.caData : undefined;
  return {
    ...cluster,
    server: server.replace(/\/+$/, ''),
    ...(caData === undefined ? {} : { caData }),
    ...(flags.certificateAuthority === undefined
      ? {}
      : { caFile: absolute(flags.certificateAuthority), skipTLSVerify: false }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(flags.insecureSkipTlsVerify === undefined ? {} : { skipTLSVerify: flags.insecureSkipTlsVerify }),
  };
}

function chooseUser(
  config: MergedConfig | undefined,
  name: string | undefined,
  flags: ConnectionFlags,
): KubeconfigUser {
  const named = config?.users.find((candidate) => candidate.name === name);
  if (flags.user !== undefined && !named)
    throw new CannotRun(`user '${shown(flags.user)}' is not in the kubeconfig; ${list(config?.users)}`);
  const user: KubeconfigUser = {
    ...(named ?? { name: name ?? 'from-flags' }),
    ...(flags.token === undefined ? {} : { token: flags.token }),
    ...(flags.clientCertificate === undefined ? {} : { certFile: absolute(flags.clientCertificate) }),
    ...(flags.clientKey === undefined ? {} : { keyFile: absolute(flags.clientKey) }),
  };
  if (!user.token && !user.tokenFile) return user;
  if (user.username || user.password)
    throw new CannotRun(`user '${shown(user.name)}' has a password and a token, of which kubectl takes only one`);
  // There is nothing left to ask a plug-in for.
  const { exec: _exec, authProvider: _provider, ...rest } = user;
  return rest;
}

function absolute(file: string): string {
  return isAbsolute(file) ? file : resolve(file);
}

function list(entries: readonly { readonly name: string }[] | undefined): string {
  const names = (entries ?? []).map(({ name }) => shown(name));
  return names.length === 0
    ? 'it has none'
    : `it has: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
}
