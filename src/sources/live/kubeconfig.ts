import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Cluster, Context } from '@kubernetes/client-node/dist/config_types.js';
import { CannotRun } from '../../doctor/cannot-run.ts';
import { type KubeconfigUser, withWhatIsLeftOut } from './kubeconfig-user.ts';
import type { LiveIo } from './request.ts';
import { shown } from './shown.ts';

/** Everything that the kubeconfig files say, merged as kubectl does it. */
export interface MergedConfig {
  readonly clusters: readonly Cluster[];
  readonly users: readonly KubeconfigUser[];
  readonly contexts: readonly Context[];
  readonly currentContext?: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const NOTHING: MergedConfig = { clusters: [], users: [], contexts: [] };

/**
 * Reads `--kubeconfig`, else the files of KUBECONFIG, else `~/.kube/config`, else a pod's service account. Undefined:
 * there is none of these. Throws `CannotRun` for a file that cannot be read.
 */
export async function readKubeconfig(
  KubeConfigClass: typeof KubeConfig,
  flag: string | undefined,
  { env, serviceAccount = SERVICE_ACCOUNT }: Pick<LiveIo, 'env' | 'serviceAccount'>,
): Promise<MergedConfig | undefined> {
  if (flag !== undefined) return readFile(KubeConfigClass, flag);
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const home = env.HOME || env.USERPROFILE;
  const files = listed.length > 0 ? listed : home ? [join(home, '.kube', 'config')] : [];
  // As with kubectl, a listed file may be missing.
  const present = files.filter((file) => existsSync(file));
  if (present.length > 0) {
    const read = await Promise.all(present.map((file) => readFile(KubeConfigClass, file)));
    return read.reduce(merge, NOTHING);
  }
  return listed.length > 0 ? undefined : inCluster(env, serviceAccount);
}

/** The first file that sets something wins. */
function merge(first: MergedConfig, then: MergedConfig): MergedConfig {
  const currentContext = first.currentContext || then.currentContext;
  return {
    clusters: [...first.clusters, ...then.clusters],
    users: [...first.users, ...then.users],
    contexts: [...first.contexts, ...then.contexts],
    ...(currentContext ? { currentContext } : {}),
  };
}

async function readFile(KubeConfigClass: typeof KubeConfig, file: string): Promise<MergedConfig> {
  const config = new KubeConfigClass();
  let users: readonly KubeconfigUser[];
  try {
    const text = readFileSync(file, 'utf8');
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(file));
    users = await withWhatIsLeftOut(config.users, text, (path) => fromFolderOf(file, path));
  } catch (error) {
    throw new CannotRun(`kubeconfig ${shown(file)} cannot be used: ${why(error)}`);
  }
  const { clusters, contexts, currentContext } = config;
  return {
    clusters,
    users: users.map((user) => withWholePath(user, file)),
    contexts,
    ...(currentContext ? { currentContext } : {}),
  };
}

/** A credential plug-in that is named with a folder lies there as seen from the kubeconfig. */
function withWholePath(user: KubeconfigUser, file: string): KubeconfigUser {
  const command: unknown = user.exec?.command;
  if (typeof command !== 'string' || !/[/\\]/.test(command)) return user;
  return { ...user, exec: { ...user.exec, command: fromFolderOf(file, command) } };
}

/** Paths in a kubeconfig are meant as seen from it. */
function fromFolderOf(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

function why(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'it is not valid';
  if ('code' in error && error.code === 'ENOENT') return 'there is no such file';
  if ('code' in error && error.code === 'EACCES') return 'it is not readable for this user';
  if ('code' in error && error.code === 'EISDIR') return 'it is a directory';
  if (
    'mark' in error &&
    typeof error.mark === 'object' &&
    error.mark !== null &&
    'line' in error.mark &&
    typeof error.mark.line === 'number'
  ) {
    return `it is not YAML (line ${error.mark.line + 1})`;
  }
  // KubeConfig names the entry and the field that is missing, and nothing of their values.
  const missing =
    'message' in error
      ? /^(?:clusters|users|contexts)\[\d{1,6}\]\.[a-z.]+ is missing$/.exec(String(error.message))
      : null;
  return missing ? missing[0] : 'it is not a kubeconfig';
}

/** The service account of the pod in which the program runs. */
function inCluster(env: LiveIo['env'], folder: string): MergedConfig | undefined {
  const host = env.KUBERNETES_SERVICE_HOST;
  if (!host || !existsSync(`${folder}/token`)) return undefined;
  const address = host.includes(':') ? `[${host}]` : host;
  const namespaceFile = `${folder}/namespace`;
  return {
    clusters: [
      {
        name: 'in-cluster',
        server: `https://${address}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`,
        caFile: `${folder}/ca.crt`,
        skipTLSVerify: false,
      },
    ],
    users: [
      {
        name: 'service-account',
        authProvider: { name: 'tokenFile', config: { tokenFile: `${folder}/token` } },
      },
    ],
    contexts: [
      {
        name: 'in-cluster',
        cluster: 'in-cluster',
        user: 'service-account',
        ...(existsSync(namespaceFile) ? { namespace: readFileSync(namespaceFile, 'utf8').trim() } : {}),
      },
    ],
    currentContext: 'in-cluster',
  };
}
