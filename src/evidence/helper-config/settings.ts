import type { HealthChecks, JwtSvid, Setting } from '../facts/helpers.ts';
import { textOfBytes } from '../hcl/byte-text.ts';
import type { DecodedStruct } from '../hcl/decode.ts';

/** Readers of one structure's settings; each gives an empty object for a setting that is not there. */
export function settings(struct: DecodedStruct) {
  return {
    string: <N extends string>(name: N, key: string) =>
      pick(
        name,
        setting(struct, key, (value) => (typeof value === 'string' ? textOfBytes(value) : undefined)),
      ),
    bool: <N extends string>(name: N, key: string) =>
      pick(
        name,
        setting(struct, key, (value) => (typeof value === 'boolean' ? value : undefined)),
      ),
    number: <N extends string>(name: N, key: string) =>
      pick(
        name,
        setting(struct, key, (value) => (typeof value === 'bigint' ? Number(value) : undefined)),
      ),
  };
}

function pick<N extends string, T>(name: N, found: Setting<T> | undefined): { readonly [K in N]?: Setting<T> } {
  const picked: { [K in N]?: Setting<T> } = {};
  if (found) picked[name] = found;
  return picked;
}

function setting<T>(
  struct: DecodedStruct,
  key: string,
  read: (value: boolean | bigint | string) => T | undefined,
): Setting<T> | undefined {
  const decoded = struct.values.get(key);
  if (decoded?.kind !== 'scalar') return undefined;
  const value = read(decoded.value);
  return value === undefined ? undefined : { value, ...decoded.at };
}

export function healthChecksOf(root: DecodedStruct): {
  readonly healthChecks?: HealthChecks;
  readonly healthCheckKeys: readonly Setting<string>[];
} {
  const decoded = root.values.get('health_checks');
  if (decoded?.kind !== 'struct') return { healthCheckKeys: [] };
  const { string, bool, number } = settings(decoded);
  return {
    healthChecks: {
      line: decoded.at.line,
      ...bool('listenerEnabled', 'listener_enabled'),
      ...number('bindPort', 'bind_port'),
      ...string('livenessPath', 'liveness_path'),
      ...string('readinessPath', 'readiness_path'),
    },
    healthCheckKeys: keysOf(decoded).keys,
  };
}

export function jwtSvidsOf(root: DecodedStruct): readonly JwtSvid[] {
  const list = root.values.get('jwt_svids');
  if (list?.kind !== 'list') return [];
  return list.elements.flatMap((element): JwtSvid[] => {
    if (element.kind !== 'struct') return [];
    const { string } = settings(element);
    return [
      {
        ...element.at,
        ...string('audience', 'jwt_audience'),
        ...string('fileName', 'jwt_svid_file_name'),
        unknownKeys: [...element.unused.keys()].map(textOfBytes),
      },
    ];
  });
}

/** All keys of a structure as written, in order. */
export function keysOf(struct: DecodedStruct): { readonly keys: readonly Setting<string>[] } {
  return { keys: struct.keys.map(({ key, at }) => ({ value: textOfBytes(key), ...at })) };
}
