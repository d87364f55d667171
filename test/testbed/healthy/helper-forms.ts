import { readField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import { conf, wholeConf } from '../faults/helper-changes.ts';
import type { KubeObject } from '../seams.ts';
import { HELPER, template } from './template.ts';

const ADDRESS = '/spiffe-workload-api/spire-agent.sock';

const WITHOUT_LISTENER = `agent_address = "${ADDRESS}"
cert_dir = "/etc/haproxy/spiffe"
svid_file_name = "svid.pem"
svid_key_file_name = "svid.pem.key"
svid_bundle_file_name = "bundle.pem"
daemon_mode = true
`;

const FROM_WINDOWS = `# written elsewhere
// spiffe-helper
agent_address = "${ADDRESS}"
cert_dir = "/etc/haproxy/spiffe/"
svid_file_name = "svid.pem" # the certificate
svid_key_file_name = "svid.pem.key"
svid_bundle_file_name = "bundle.pem"
health_checks {
  listener_enabled = true
}
/* the end */
`.replaceAll('\n', '\r\n');

const release = (tag: string) => template(`${HELPER}.image`, `ghcr.io/spiffe/spiffe-helper:${tag}`);
const unprobed = [template(`${HELPER}.livenessProbe`), template(`${HELPER}.readinessProbe`)];

/** Other releases and configurations of spiffe-helper, and other places for it in the pod. */
export const HELPER_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'helper-0-9',
    about: 'spiffe-helper 0.9, which knows no health checks and is not asked for any.',
    change: [release('0.9.1'), ...unprobed, wholeConf(WITHOUT_LISTENER)],
  },
  {
    name: 'helper-0-10',
    about: 'spiffe-helper 0.10 with the configuration of the base.',
    change: [release('0.10.1')],
  },
  {
    name: 'helper-0-11-modes',
    about: "spiffe-helper 0.11 with files' modes in octal, and an address in the environment that the text outranks.",
    change: [
      conf('daemon_mode = true', 'daemon_mode = true\nkey_file_mode = 0640\ncert_file_mode = "0644"'),
      template(`${HELPER}.env`, [{ name: 'SPIFFE_ENDPOINT_SOCKET', value: 'unix:///spiffe-workload-api/other.sock' }]),
    ],
  },
  {
    name: 'helper-without-probes',
    about: 'Nobody probes spiffe-helper, and it does not listen.',
    change: [...unprobed, wholeConf(WITHOUT_LISTENER)],
  },
  {
    name: 'helper-conf-from-windows',
    about: 'helper.conf has CRLF line ends, comments of every kind, and only what it must say.',
    change: [wholeConf(FROM_WINDOWS)],
  },
  {
    name: 'socket-alias-api-sock',
    about: "helper.conf uses api.sock, an alias that the SPIRE chart's init container makes.",
    change: [conf('spire-agent.sock', 'api.sock')],
  },
  {
    name: 'socket-alias-socket',
    about: 'helper.conf uses socket, the other alias.',
    change: [conf('spire-agent.sock', 'socket')],
  },
  {
    name: 'native-sidecar',
    about: 'spiffe-helper is an init container that keeps running.',
    objects: asNativeSidecar,
  },
];

function asNativeSidecar(objects: KubeObject[]): KubeObject[] {
  const workload = objects.find((object) => readField(object, 'metadata.name') === 'haptic-haproxy');
  const containers = readField(workload ?? {}, 'spec.template.spec.containers');
  const init = readField(workload ?? {}, 'spec.template.spec.initContainers');
  if (!Array.isArray(containers) || !Array.isArray(init))
    throw new Error('the base has no HAProxy with init containers');
  for (const helper of containers.splice(2, 1)) init.push({ ...Object(helper), restartPolicy: 'Always' });
  return objects;
}
