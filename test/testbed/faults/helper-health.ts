import type { Fault } from './fault.ts';
import { CONFIG, conf, helperField, WORKLOAD, wholeConf } from './helper-changes.ts';

const expected = (message: string) => ({ check: 'helper-config-syntax', message, culprit: CONFIG }) as const;

const LISTENER = 'listener_enabled = true';
const PORT = 'bind_port = "8081"';

/** Whether spiffe-helper answers the kubelet where it asks. */
export const HELPER_HEALTH_FAULTS: readonly Fault[] = [
  {
    name: 'health-key-unknown',
    ids: ['E5'],
    about: 'health_checks has a key that spiffe-helper ignores without a word.',
    change: [conf(PORT, 'port = 8081')],
    expect: expected('unknown-health-key'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-listener-off',
    ids: ['E6'],
    about: 'The listener is off, and the container has probes.',
    change: [conf(LISTENER, 'listener_enabled = false')],
    expect: expected('listener-off'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-block-missing',
    ids: ['E6'],
    about: 'There is no block health_checks, and the container has probes.',
    change: [
      wholeConf(`agent_address = "/spiffe-workload-api/spire-agent.sock"
cert_dir = "/etc/haproxy/spiffe"
svid_file_name = "svid.pem"
svid_key_file_name = "svid.pem.key"
svid_bundle_file_name = "bundle.pem"
daemon_mode = true
`),
    ],
    expect: expected('listener-off'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-port-differs',
    ids: ['E7'],
    about: 'spiffe-helper answers on another port than the probes ask.',
    change: [conf(PORT, 'bind_port = "8082"')],
    expect: expected('probe-mismatch'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-path-differs',
    ids: ['E7'],
    about: 'The readiness probe asks for a path that spiffe-helper does not serve.',
    change: [helperField('readinessProbe.httpGet.path', '/readyz')],
    expect: expected('probe-mismatch'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-port-of-haproxy',
    ids: ['E8'],
    about: "spiffe-helper's health port is that of HAProxy's statistics.",
    change: [
      conf(PORT, 'bind_port = "8404"'),
      helperField('livenessProbe.httpGet.port', 8404),
      helperField('readinessProbe.httpGet.port', 8404),
    ],
    expect: expected('port-clash'),
    cure: { by: 'commands' },
  },
  {
    name: 'two-helpers-one-port',
    ids: ['E8'],
    about: 'A second spiffe-helper for another directory was copied with its health port.',
    change: [
      {
        object: WORKLOAD,
        set: {
          at: 'spec.template.spec.initContainers[0].command',
          to: ['mkdir', '-p', '/etc/haproxy/spiffe', '/etc/haproxy/metrics'],
        },
      },
      {
        object: WORKLOAD,
        set: {
          at: 'spec.template.spec.containers[4]',
          to: {
            name: 'spiffe-helper-metrics',
            image: 'ghcr.io/spiffe/spiffe-helper:0.11.0',
            args: ['-config', '/etc/spiffe-helper/metrics.conf'],
            securityContext: { runAsUser: 99, runAsNonRoot: true },
            volumeMounts: [
              { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api', readOnly: true },
              { name: 'haproxy-runtime', mountPath: '/etc/haproxy' },
              { name: 'spiffe-helper-config', mountPath: '/etc/spiffe-helper', readOnly: true },
            ],
          },
        },
      },
      {
        object: CONFIG,
        set: {
          at: 'data["metrics.conf"]',
          to: `agent_address = "/spiffe-workload-api/spire-agent.sock"
cert_dir = "/etc/haproxy/metrics"
svid_file_name = "svid.pem"
svid_key_file_name = "svid.pem.key"
svid_bundle_file_name = "bundle.pem"
health_checks {
  listener_enabled = true
  bind_port = "8081"
}
`,
        },
      },
    ],
    expect: expected('port-clash'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-paths-equal',
    ids: ['E7'],
    about: 'Liveness and readiness have one path, which makes spiffe-helper panic.',
    change: [conf('liveness_path = "/live"', 'liveness_path = "/ready"')],
    expect: expected('invalid-setting'),
    cure: { by: 'commands' },
  },
  {
    name: 'health-settings-without-block',
    ids: ['E4', 'E6'],
    about: 'The settings of the health listener stand outside any block.',
    change: [
      conf('health_checks {\n', ''),
      conf(PORT, 'bind_port = "8091"'),
      conf('readiness_path = "/ready"\n}\n', 'readiness_path = "/ready"\n'),
      helperField('livenessProbe.httpGet.port', 8091),
      helperField('readinessProbe.httpGet.port', 8091),
    ],
    expect: expected('unknown-key'),
    cure: { by: 'commands' },
  },
];
