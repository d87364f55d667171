import { posix } from 'node:path';
import type { HelperConfig, Setting } from '../../../../src/evidence/facts/helpers.ts';
import type { Release } from '../../../../src/evidence/helper-config/schema.ts';

/** What spiffe-helper works with once it has accepted its configuration. */
export interface HelperSettings {
  readonly agentAddress: string;
  /** Relative to the working directory `/` when cert_dir is missing; absent: only JWTs are asked for. */
  readonly files?: { readonly svid: string; readonly key: string; readonly bundle: string };
  readonly certMode: number;
  readonly keyMode: number;
  readonly hint: string;
  readonly addIntermediatesToBundle: boolean;
  readonly omitExpired: boolean;
  readonly mode: 'daemon' | 'once';
  readonly cmd: string;
  readonly pidFile: string;
  readonly listener?: { readonly port: number; readonly livePath: string; readonly readyPath: string };
}

/** The process's surroundings as far as its configuration depends on them. */
export interface Invocation {
  readonly release: Release;
  /** `-daemon-mode`, when it was given. */
  readonly daemonFlag?: boolean;
  readonly env: Readonly<Record<string, string>>;
}

export type Validated =
  | { readonly state: 'valid'; readonly settings: HelperSettings; readonly warnings: readonly string[] }
  | { readonly state: 'invalid'; readonly error: string; readonly warnings: readonly string[] };

const DEFAULT_ADDRESS = '/tmp/spire-agent/public/api.sock';

/** The rules of spiffe-helper's ValidateConfig, in its order and its words (cmd/spiffe-helper/config, v0.11.0). */
export function validate(config: HelperConfig, { release, daemonFlag, env }: Invocation): Validated {
  const isStrict = release !== '0.8';
  const warnings: string[] = [];
  const invalid = (error: string): Validated => ({ state: 'invalid', error, warnings });
  const unknown = config.unknownKeys.filter(({ rejectedBy }) => rejectedBy.includes(release)).map(({ value }) => value);
  if (isStrict && unknown.length > 0)
    return invalid(`unknown top level key(s): ${[...new Set(unknown)].toSorted().join(',')}`);
  for (const [index, { unknownKeys }] of config.jwtSvidList.entries()) {
    if (isStrict && unknownKeys.length > 0)
      return invalid(`unknown key(s) in jwt_svids[${index}]: ${unknownKeys.toSorted().join(',')}`);
  }
  for (const { fileName, audience } of config.jwtSvidList) {
    if (!text(fileName)) return invalid("'jwt_file_name' is required in 'jwt_svids'");
    if (!text(audience)) return invalid("'jwt_audience' is required in 'jwt_svids'");
  }
  const address = addressOf(config, release, env, warnings);
  if (address === undefined)
    return invalid(
      'both SPIRE_AGENT_ADDRESS and SPIFFE_ENDPOINT_SOCKET set. Use SPIFFE_ENDPOINT_SOCKET only. Support for SPIRE_AGENT_ADDRESS is deprecated and will be removed in 0.10.0',
    );
  const isDaemon = daemonFlag ?? config.daemonMode?.value ?? true;
  const [cmd, pidFile, signal] = [text(config.cmd), text(config.pidFileName), text(config.renewSignal)];
  if (!isDaemon) {
    for (const [key, value] of Object.entries({ cmd, renew_signal: signal })) {
      if (value)
        warnings.push(
          `${key} is set but daemon_mode is false. ${key} will be ignored. This may become an error in a future release.`,
        );
    }
    if (pidFile)
      return invalid('pid_file_name is set but daemon_mode is false. pid_file_name is only supported in daemon_mode');
  }
  if (pidFile && !signal)
    return invalid(`${release === '0.11' ? 'must' : 'Must'} specify renew_signal when using pid_file_name`);
  const problem = namesProblem(config) ?? modeProblem(config);
  if (problem !== undefined) return invalid(problem);
  const listener = config.healthChecks?.listenerEnabled?.value === true ? config.healthChecks : undefined;
  const port = listener?.bindPort?.value ?? 0;
  if (port < 0) return invalid('bind port must be positive');
  const directory = text(config.certDir);
  const file = (name: Setting<string> | undefined) => posix.join(directory, text(name));
  return {
    state: 'valid',
    warnings,
    settings: {
      agentAddress: address,
      ...(text(config.svidFileName)
        ? {
            files: {
              svid: file(config.svidFileName),
              key: file(config.svidKeyFileName),
              bundle: file(config.svidBundleFileName),
            },
          }
        : {}),
      certMode: config.certFileMode?.value || 0o644,
      keyMode: config.keyFileMode?.value || 0o600,
      hint: text(config.hint),
      addIntermediatesToBundle: config.addIntermediatesToBundle?.value ?? false,
      omitExpired: config.omitExpired?.value ?? false,
      mode: isDaemon ? 'daemon' : 'once',
      cmd,
      pidFile,
      ...(listener
        ? {
            listener: {
              port: port || 8081,
              livePath: text(listener.livenessPath) || '/live',
              readyPath: text(listener.readinessPath) || '/ready',
            },
          }
        : {}),
    },
  };
}

/** Undefined: two variables contradict each other. */
function addressOf(
  config: HelperConfig,
  release: Release,
  env: Readonly<Record<string, string>>,
  warnings: string[],
): string | undefined {
  const written = text(config.agentAddress);
  if (written) return written;
  const { SPIRE_AGENT_ADDRESS: old = '', SPIFFE_ENDPOINT_SOCKET: socket = '' } = env;
  if (release === '0.8') return old || DEFAULT_ADDRESS;
  if (old && socket) return undefined;
  if (old)
    warnings.push(
      'SPIRE_AGENT_ADDRESS is deprecated and will be removed in 0.10.0. Use SPIFFE_ENDPOINT_SOCKET instead.',
    );
  return old || socket || DEFAULT_ADDRESS;
}

function namesProblem(config: HelperConfig): string | undefined {
  const names = [config.svidFileName, config.svidBundleFileName, config.svidKeyFileName].map(text);
  const empty = names.filter((name) => name === '').length;
  if (empty !== 0 && empty !== 3)
    return "all or none of 'svid_file_name', 'svid_key_file_name', 'svid_bundle_file_name' must be specified";
  if (empty === 3 && !config.jwtSvids && !text(config.jwtBundleFileName))
    return "at least one of the sets ('svid_file_name', 'svid_key_file_name', 'svid_bundle_file_name'), 'jwt_svids', or 'jwt_bundle_file_name' must be fully specified";
  return undefined;
}

function modeProblem(config: HelperConfig): string | undefined {
  const modes = {
    cert: config.certFileMode,
    key: config.keyFileMode,
    'jwt bundle': config.jwtBundleFileMode,
    'jwt svid': config.jwtSvidFileMode,
  };
  const negative = Object.entries(modes).find(([, mode]) => (mode?.value ?? 0) < 0);
  return negative && `${negative[0]} file mode must be positive`;
}

function text(setting: Setting<string> | undefined): string {
  return setting?.value ?? '';
}
