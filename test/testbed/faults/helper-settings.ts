import type { Fault } from './fault.ts';
import { CONFIG, conf, editConf, helperField, WORKLOAD, wholeConf } from './helper-changes.ts';

const expected = (message: string, culprit = CONFIG) => ({ check: 'helper-config-syntax', message, culprit }) as const;

/** Whether what helper.conf says makes sense to spiffe-helper. */
export const HELPER_SETTINGS_FAULTS: readonly Fault[] = [
  {
    name: 'conf-two-of-three-files',
    ids: ['E9'],
    about: 'No name is given for the bundle.',
    change: [conf('svid_bundle_file_name = "bundle.pem"\n', '')],
    expect: expected('partial-files'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-empty',
    ids: ['E10'],
    about: 'The text of helper.conf is empty.',
    change: [wholeConf('')],
    expect: expected('nothing-configured'),
    cure: { by: 'commands' },
  },
  {
    name: 'daemon-mode-off',
    ids: ['E11'],
    about: 'daemon_mode is false in a sidecar.',
    change: [conf('daemon_mode = true', 'daemon_mode = false')],
    expect: expected('exits-after-first'),
    cure: { by: 'commands' },
  },
  {
    name: 'daemon-mode-off-by-flag',
    ids: ['E11'],
    about: 'A flag turns daemon mode off in a sidecar.',
    change: [helperField('args', ['-config', '/etc/spiffe-helper/helper.conf', '-daemon-mode=false'])],
    expect: expected('exits-after-first', WORKLOAD),
    cure: { by: 'commands' },
  },
  {
    name: 'pid-file-left-over',
    ids: ['E16'],
    about: 'Settings are left from when spiffe-helper sent HAProxy a signal.',
    change: [conf('daemon_mode', 'pid_file_name = "/etc/haproxy/haproxy.pid"\nrenew_signal = "SIGUSR2"\ndaemon_mode')],
    expect: expected('leftover-signal'),
    cure: { by: 'commands' },
  },
  {
    name: 'cmd-left-over',
    ids: ['E16'],
    about: "cmd names a program that spiffe-helper's image does not have.",
    change: [conf('daemon_mode', 'cmd = "/usr/bin/kill"\ncmd_args = "-USR2 1"\ndaemon_mode')],
    expect: expected('leftover-signal'),
    cure: { by: 'commands' },
  },
  {
    name: 'pid-file-without-signal',
    ids: ['E16'],
    about: 'pid_file_name stands there without renew_signal.',
    change: [conf('daemon_mode', 'pid_file_name = "/etc/haproxy/haproxy.pid"\ndaemon_mode')],
    expect: expected('invalid-setting'),
    cure: { by: 'commands' },
  },
  {
    name: 'template-text-in-agent-address',
    ids: ['E18'],
    about: 'A Helm expression stands unrendered in agent_address.',
    change: [conf('/spiffe-workload-api/spire-agent.sock', '{{ .Values.spiffe.socket }}')],
    expect: expected('template-text'),
    cure: { by: 'commands' },
  },
  {
    name: 'variable-in-cert-dir',
    ids: ['E18'],
    about: 'cert_dir hopes for a variable of the environment.',
    change: [conf('"/etc/haproxy/spiffe"', `"\${CERT_DIR}"`)],
    expect: expected('template-text'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-changed-after-start',
    ids: ['O1'],
    about: 'helper.conf was changed, and no pod has read it since.',
    happens: (testbed) => editConf(testbed, 'daemon_mode = true', 'omit_expired = true\ndaemon_mode = true'),
    expect: { ...expected('changed-since-start'), phase: 'latent' },
    cure: { by: 'commands' },
  },
  {
    name: 'conf-broken-after-start',
    ids: ['O1', 'E3'],
    about: 'helper.conf was broken while the pods run: the next start of a container fails.',
    happens: (testbed) => editConf(testbed, 'daemon_mode = true', 'daemon_mode = "true"'),
    expect: { ...expected('quoted-boolean'), phase: 'latent' },
    also: ['helper-config-syntax/changed-since-start'],
    cure: { by: 'commands' },
  },
];
