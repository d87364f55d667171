import type { Field, FieldType, Schema } from '../hcl/schema.ts';

/** Releases of spiffe-helper whose configurations differ. Versions before 0.8 count as 0.8, later ones as 0.11. */
export const RELEASES = ['0.8', '0.9', '0.10', '0.11'] as const;
export type Release = (typeof RELEASES)[number];

const BOOL: FieldType = { kind: 'bool' };
const INT: FieldType = { kind: 'int' };
const STRING: FieldType = { kind: 'string' };

const HEALTH_CHECKS: Schema = [
  { key: 'listener_enabled', type: BOOL },
  { key: 'bind_port', type: INT },
  { key: 'liveness_path', type: STRING },
  { key: 'readiness_path', type: STRING },
];

const JWT_SVID: Schema = [
  { key: 'jwt_audience', type: STRING },
  { key: 'jwt_extra_audiences', type: { kind: 'list', of: STRING } },
  { key: 'jwt_svid_file_name', type: STRING },
];

/** In the order of spiffe-helper's structure, with the first release that knows the key. */
const FIELDS: readonly (Field & { readonly since: Release })[] = [
  { key: 'add_intermediates_to_bundle', type: BOOL, since: '0.8' },
  { key: 'agent_address', type: STRING, since: '0.8' },
  { key: 'cmd', type: STRING, since: '0.8' },
  { key: 'cmd_args', type: STRING, since: '0.8' },
  { key: 'pid_file_name', type: STRING, since: '0.9' },
  { key: 'cert_dir', type: STRING, since: '0.8' },
  { key: 'cert_file_mode', type: INT, since: '0.9' },
  { key: 'key_file_mode', type: INT, since: '0.9' },
  { key: 'jwt_bundle_file_mode', type: INT, since: '0.9' },
  { key: 'jwt_svid_file_mode', type: INT, since: '0.9' },
  { key: 'include_federated_domains', type: BOOL, since: '0.8' },
  { key: 'omit_expired', type: BOOL, since: '0.11' },
  { key: 'renew_signal', type: STRING, since: '0.8' },
  { key: 'daemon_mode', type: BOOL, since: '0.8' },
  { key: 'health_checks', type: { kind: 'struct', fields: HEALTH_CHECKS }, since: '0.10' },
  { key: 'hint', type: STRING, since: '0.10' },
  { key: 'svid_file_name', type: STRING, since: '0.8' },
  { key: 'svid_key_file_name', type: STRING, since: '0.8' },
  { key: 'svid_bundle_file_name', type: STRING, since: '0.8' },
  { key: 'jwt_svids', type: { kind: 'list', of: { kind: 'struct', fields: JWT_SVID } }, since: '0.8' },
  { key: 'jwt_bundle_file_name', type: STRING, since: '0.8' },
];

export function schemaOf(release: Release): Schema {
  const index = RELEASES.indexOf(release);
  return FIELDS.filter((field) => RELEASES.indexOf(field.since) <= index);
}

/** Names that a boolean setting goes by, at the top level and in `health_checks`. */
export const BOOLEAN_KEYS: readonly string[] = namesOf('bool');
export const TOP_LEVEL_KEYS: readonly string[] = FIELDS.map((field) => field.key);
export const HEALTH_CHECK_KEYS: readonly string[] = HEALTH_CHECKS.map((field) => field.key);

function namesOf(kind: FieldType['kind']): string[] {
  return [...FIELDS, ...HEALTH_CHECKS].filter((field) => field.type.kind === kind).map((field) => field.key);
}

/** Names that releases before 0.9 accepted; each is fatal since. */
export const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ['agentAddress', 'agent_address'],
  ['cmdArgs', 'cmd_args'],
  ['certDir', 'cert_dir'],
  ['svidFileName', 'svid_file_name'],
  ['svidKeyFileName', 'svid_key_file_name'],
  ['svidBundleFileName', 'svid_bundle_file_name'],
  ['renewSignal', 'renew_signal'],
  ['addIntermediatesToBundle', 'add_intermediates_to_bundle'],
  ['add_intermediates', 'add_intermediates_to_bundle'],
]);
