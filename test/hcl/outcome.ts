import { Buffer } from 'node:buffer';
import type { Decoded, DecodedStruct } from '../../src/evidence/hcl/decode.ts';
import { readHcl } from '../../src/evidence/hcl/read-hcl.ts';
import { schemaOf } from '../../src/evidence/helper-config/schema.ts';

/** What a library made of a text, in the words of oracle/main.go. */
export interface Outcome {
  readonly how: 'ok' | 'error' | 'panic';
  readonly message?: string;
  readonly values?: unknown;
}

const SCHEMA = schemaOf('0.11');
const base64 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64');

/** What this project's reader makes of it. */
export function outcomeOf(bytes: Buffer): Outcome {
  const reading = readHcl(bytes.toString('latin1'), SCHEMA);
  if (!reading.ok) return { how: reading.how, message: base64(reading.messageBytes) };
  const json = /^\s*\{/.test(bytes.toString('utf8'));
  return { how: 'ok', values: topLevel(reading.root, json) };
}

function topLevel(root: DecodedStruct, json: boolean): unknown {
  const daemon = scalar(root, 'daemon_mode');
  const health = root.values.get('health_checks');
  const checks = health?.kind === 'struct' ? health : undefined;
  const jwt = root.values.get('jwt_svids');
  return {
    ...Object.fromEntries(
      ['add_intermediates_to_bundle', 'include_federated_domains', 'omit_expired'].map((key) => [key, flag(root, key)]),
    ),
    ...Object.fromEntries(
      ['cert_file_mode', 'key_file_mode', 'jwt_bundle_file_mode', 'jwt_svid_file_mode'].map((key) => [
        key,
        number(root, key),
      ]),
    ),
    ...Object.fromEntries(
      [
        ...['agent_address', 'cmd', 'cmd_args', 'pid_file_name', 'cert_dir', 'renew_signal', 'hint', 'svid_file_name'],
        ...['svid_key_file_name', 'svid_bundle_file_name', 'jwt_bundle_file_name'],
      ].map((key) => [key, text(root, key)]),
    ),
    daemon_mode: daemon === undefined ? 'unset' : String(daemon),
    health_checks: {
      listener_enabled: flag(checks, 'listener_enabled'),
      bind_port: number(checks, 'bind_port'),
      liveness_path: text(checks, 'liveness_path'),
      readiness_path: text(checks, 'readiness_path'),
    },
    jwt_svids: jwt?.kind === 'list' ? jwt.elements.map((element) => jwtSvid(element, json)) : [],
    unused: unused(root, json),
  };
}

function jwtSvid(element: Decoded, json: boolean): unknown {
  const struct = element.kind === 'struct' ? element : undefined;
  const extra = struct?.values.get('jwt_extra_audiences');
  return {
    jwt_audience: text(struct, 'jwt_audience'),
    jwt_extra_audiences:
      extra?.kind === 'list' ? extra.elements.map((one) => base64(one.kind === 'scalar' ? String(one.value) : '')) : [],
    jwt_svid_file_name: text(struct, 'jwt_svid_file_name'),
    unused: struct ? unused(struct, json) : [],
  };
}

/** The library forgets positions in JSON; this reader doesn't, so there only their number is compared. */
function unused(struct: DecodedStruct, json: boolean): string[] {
  const entries = [...struct.unused].map(
    ([key, places]) => `${base64(key)}@${places.map((place) => (json ? '-' : `${place.line}:${place.column}`))}`,
  );
  return entries.sort();
}

function scalar(struct: DecodedStruct | undefined, key: string): boolean | bigint | string | undefined {
  const value = struct?.values.get(key);
  return value?.kind === 'scalar' ? value.value : undefined;
}

function flag(struct: DecodedStruct | undefined, key: string): boolean {
  return scalar(struct, key) === true;
}

function number(struct: DecodedStruct | undefined, key: string): string {
  return String(scalar(struct, key) ?? 0n);
}

function text(struct: DecodedStruct | undefined, key: string): string {
  return base64(String(scalar(struct, key) ?? ''));
}
