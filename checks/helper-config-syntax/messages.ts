import type { Message } from '../../src/doctor/check.ts';

const STARTS_NOT = 'spiffe-helper exits at its start because of it';

/** Grouped as the page is: where the file is, its syntax, its keys, its rules, the health port, how it is run. */
export const messages = {
  'config-map-missing': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {helper} mounts its configuration from {missing}, and there is no such object{hint}: the pod cannot start.',
  },
  'config-path': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {helper} reads {path}, where nothing provides a file: {missing} is missing.',
  },
  'section-header': {
    role: 'cause',
    severity: 'fail',
    text: 'Line {line}, column {column} of {key} is a TOML section, and spiffe-helper reads HCL: "{error}". Container {helper} cannot start with it.',
  },
  syntax: {
    role: 'cause',
    severity: 'fail',
    text: 'Line {line}, column {column} of {key} is not HCL: "{error}". Container {helper} cannot start with it.',
  },
  'quoted-boolean': {
    role: 'cause',
    severity: 'fail',
    text: `{setting} at line {line}, column {column} of {key} wants a bare true or false: "{error}". ${STARTS_NOT}.`,
  },
  'wrong-type': {
    role: 'cause',
    severity: 'fail',
    text: `A value at line {line}, column {column} of {key} is of the wrong kind: "{error}". ${STARTS_NOT}.`,
  },
  'duplicate-key': {
    role: 'cause',
    severity: 'fail',
    text: 'A key is set twice, at line {line}, column {column} of {key} again; spiffe-helper 0.9 refuses that: "{error}".',
  },
  'unknown-key': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper {releases} does not know the key {name} at line {line}, column {column} of {key} and exits with "unknown top level key(s): {name}".',
  },
  'unknown-health-key': {
    role: 'cause',
    severity: 'warn',
    text: 'health_checks has no key {name} (line {line}, column {column} of {key}): spiffe-helper ignores it without a word and uses its default.',
  },
  'template-text': {
    role: 'cause',
    severity: 'warn',
    text: 'Line {line} of {key} holds "{value}": nothing fills that in, spiffe-helper takes it literally.',
  },
  'partial-files': {
    role: 'cause',
    severity: 'fail',
    text: `{key} sets {present} but not {absent}; spiffe-helper wants all three file names or none. ${STARTS_NOT}.`,
  },
  'nothing-configured': {
    role: 'cause',
    severity: 'fail',
    text: `{key} names no files to write (svid_file_name, svid_key_file_name, svid_bundle_file_name are not set). ${STARTS_NOT}.`,
  },
  'invalid-setting': {
    role: 'cause',
    severity: 'fail',
    text: `Line {line} of {key}: {problem}. ${STARTS_NOT}.`,
  },
  'two-addresses': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {helper} has both SPIRE_AGENT_ADDRESS and SPIFFE_ENDPOINT_SOCKET in its environment and no agent_address in {key}; spiffe-helper exits rather than choose.',
  },
  'listener-off': {
    role: 'cause',
    severity: 'fail',
    text: 'The {probes} probe of container {helper} asks port {port}, but {why}: the connection is refused and the kubelet restarts the container again and again.',
  },
  'probe-mismatch': {
    role: 'cause',
    severity: 'fail',
    text: 'The {probe} probe of container {helper} asks port {probePort} for {probePath}; by {key} spiffe-helper answers on port {port} for {livenessPath} and {readinessPath}.',
  },
  'port-clash': {
    role: 'cause',
    severity: 'fail',
    text: "spiffe-helper's health port {port} is also that of {other} in the same pod; whoever comes second only logs that it could not listen.",
  },
  'exits-after-first': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {helper} runs with daemon mode off ({where}): it fetches one SVID and exits, so that nothing renews it.',
  },
  'never-ends': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {helper} is an init container in daemon mode: it never ends, and the pod stays in Init.',
  },
  'unknown-flag': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper does not know the flag {flag} of container {helper} and exits with its usage.',
  },
  'leftover-signal': {
    role: 'cause',
    severity: 'warn',
    text: '{key} sets {names} (line {line}), and {why}: every rotation logs an error instead of telling HAProxy.',
  },
  'changed-since-start': {
    role: 'cause',
    severity: 'warn',
    text: '{key} was changed at {changedAt}, after container {helper} started at {startedAt}; spiffe-helper reads it only when it starts.',
  },
} as const satisfies Readonly<Record<string, Message>>;
