import type { Fault } from './fault.ts';
import { CONFIG, conf, helperField, wholeConf } from './helper-changes.ts';

const expected = (message: string) => ({ check: 'helper-config-syntax', message, culprit: CONFIG }) as const;

const HEALTH = 'health_checks {\n';

/** Whether spiffe-helper can read the text of helper.conf. */
export const HELPER_TEXT_FAULTS: readonly Fault[] = [
  {
    name: 'conf-toml-section',
    ids: ['E1'],
    about: 'The health checks stand in a TOML section.',
    change: [conf(HEALTH, '[health_checks]\n'), conf('readiness_path = "/ready"\n}\n', 'readiness_path = "/ready"\n')],
    expect: expected('section-header'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-in-yaml',
    ids: ['E2'],
    about: 'The settings are written with colons, as YAML has them.',
    change: [
      conf('agent_address = "', 'agent_address: "'),
      conf('cert_dir = "', 'cert_dir: "'),
      conf('svid_file_name = "svid.pem"', 'svid_file_name: svid.pem'),
    ],
    expect: expected('syntax'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-single-quotes',
    ids: ['E2'],
    about: 'A path stands in single quotes.',
    change: [conf('cert_dir = "/etc/haproxy/spiffe"', "cert_dir = '/etc/haproxy/spiffe'")],
    expect: expected('syntax'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-unquoted-path',
    ids: ['E2'],
    about: 'A path stands without quotes.',
    change: [conf('cert_dir = "/etc/haproxy/spiffe"', 'cert_dir = /etc/haproxy/spiffe')],
    expect: expected('syntax'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-semicolon-comment',
    ids: ['E2'],
    about: 'A comment begins with a semicolon, as in an INI file.',
    change: [conf('agent_address', '; where SPIRE listens\nagent_address')],
    expect: expected('syntax'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-byte-order-mark',
    ids: ['E2'],
    about: 'An editor has put a byte order mark before the text.',
    change: [conf('agent_address', '\uFEFFagent_address')],
    expect: expected('syntax'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-block-left-open',
    ids: ['E2'],
    about: 'The closing brace of health_checks is missing.',
    change: [conf('readiness_path = "/ready"\n}\n', 'readiness_path = "/ready"\n')],
    expect: expected('syntax'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-quoted-boolean',
    ids: ['E3'],
    about: 'daemon_mode is a quoted word.',
    change: [conf('daemon_mode = true', 'daemon_mode = "true"')],
    expect: expected('quoted-boolean'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-boolean-yes',
    ids: ['E3'],
    about: 'listener_enabled says yes.',
    change: [conf('listener_enabled = true', 'listener_enabled = yes')],
    expect: expected('quoted-boolean'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-port-by-name',
    ids: ['E7'],
    about: 'bind_port is the name of a port.',
    change: [conf('bind_port = "8081"', 'bind_port = "health"')],
    expect: expected('wrong-type'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-key-twice',
    ids: ['E4'],
    about: 'cert_dir is set twice, which spiffe-helper 0.9 refuses.',
    change: [
      helperField('image', 'ghcr.io/spiffe/spiffe-helper:0.9.1'),
      helperField('livenessProbe'),
      helperField('readinessProbe'),
      wholeConf(`agent_address = "/spiffe-workload-api/spire-agent.sock"
cert_dir = "/etc/haproxy"
svid_file_name = "svid.pem"
svid_key_file_name = "svid.pem.key"
svid_bundle_file_name = "bundle.pem"
cert_dir = "/etc/haproxy/spiffe"
`),
    ],
    expect: expected('duplicate-key'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-camel-case-keys',
    ids: ['E4'],
    about: 'The keys are written as releases before 0.9 had them.',
    change: [
      conf('agent_address', 'agentAddress'),
      conf('cert_dir', 'certDir'),
      conf('svid_file_name', 'svidFileName'),
      conf('svid_key_file_name', 'svidKeyFileName'),
      conf('svid_bundle_file_name', 'svidBundleFileName'),
    ],
    expect: expected('unknown-key'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-key-mistyped',
    ids: ['E4'],
    about: 'A key lacks a letter.',
    change: [conf('svid_bundle_file_name', 'svid_bundle_filename')],
    expect: expected('unknown-key'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-key-of-newer-release',
    ids: ['E4'],
    about: 'omit_expired came with 0.11, and the image is 0.10.',
    change: [
      helperField('image', 'ghcr.io/spiffe/spiffe-helper:0.10.1'),
      conf('daemon_mode', 'omit_expired = true\ndaemon_mode'),
    ],
    expect: expected('unknown-key'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-port-outside-its-block',
    ids: ['E4'],
    about: 'bind_port stands at the top level instead of in health_checks.',
    change: [
      conf('  listener_enabled = true\n  bind_port = "8081"\n', '  listener_enabled = true\n'),
      conf('daemon_mode', 'bind_port = "8081"\ndaemon_mode'),
    ],
    expect: expected('unknown-key'),
    cure: { by: 'commands' },
  },
];
