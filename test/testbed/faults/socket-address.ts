import type { Fault, ObjectChange } from './fault.ts';
import { CONFIG, conf, editConf, helperField, WORKLOAD } from './helper-changes.ts';

const ADDRESS = 'agent_address = "/spiffe-workload-api/spire-agent.sock"';
const AGENT_CONFIG = 'ConfigMap spire-server/spire-agent';

const expected = (message: string, culprit = CONFIG) => ({ check: 'csi-socket-name', message, culprit }) as const;

/** Another agent_address in helper.conf; empty: no such line. */
function address(value: string): ObjectChange {
  return conf(ADDRESS, value === '' ? '' : `agent_address = "${value}"`);
}

/** What helper.conf says about the socket. */
export const SOCKET_ADDRESS_FAULTS: readonly Fault[] = [
  {
    name: 'socket-name-wrong',
    ids: ['D1'],
    about: 'helper.conf names a socket that the SPIRE agent does not serve.',
    change: [address('/spiffe-workload-api/agent.sock')],
    expect: expected('wrong-name'),
    cure: { by: 'commands' },
  },
  {
    name: 'socket-name-changed-without-restart',
    ids: ['D1'],
    about: 'Somebody changes the name of the socket in helper.conf to a wrong one; it is felt at the next restart.',
    happens: (testbed) => editConf(testbed, 'spire-agent.sock', 'agent.sock'),
    expect: { ...expected('wrong-name'), phase: 'latent' },
    // What runs has not read the text, and what is wrong with the text: the one fix ends both.
    also: ['helper-config-syntax/changed-since-start'],
    cure: { by: 'commands' },
  },
  {
    name: 'socket-name-corrected-without-restart',
    ids: ['D1'],
    about: 'helper.conf was corrected, and spiffe-helper still dials what it read when it started.',
    change: [address('/spiffe-workload-api/agent.sock')],
    happens: async (testbed) => {
      await editConf(testbed, '/agent.sock', '/spire-agent.sock');
      testbed.age(300_000);
      await testbed.spire.retry();
    },
    expect: expected('not-restarted', WORKLOAD),
    // The same restart, said of the text.
    also: ['helper-config-syntax/changed-since-start'],
    cure: { by: 'commands' },
  },
  {
    name: 'socket-alias-not-made',
    ids: ['D1', 'S26'],
    about: 'helper.conf uses an alias of the socket, and this SPIRE chart is too old to make aliases.',
    change: [
      address('/spiffe-workload-api/api.sock'),
      { object: 'DaemonSet spire-server/spire-agent', set: { at: 'spec.template.spec.initContainers' } },
    ],
    expect: expected('wrong-name'),
    cure: { by: 'commands' },
  },
  {
    name: 'socket-alias-of-another-agent',
    ids: ['D1', 'S26'],
    about: 'helper.conf uses an alias that some charts make and this one does not.',
    change: [address('/spiffe-workload-api/workload.sock')],
    expect: expected('wrong-name'),
    cure: { by: 'commands' },
  },
  {
    name: 'agent-socket-renamed',
    ids: ['D1', 'S26'],
    about: 'socket_path of the agent was renamed: its aliases lead nowhere, and helper.conf has the name of before.',
    change: [
      address('/spiffe-workload-api/api.sock'),
      { object: AGENT_CONFIG, replace: { at: 'data["agent.conf"]', from: 'spire-agent.sock', to: 'workload.sock' } },
    ],
    expect: expected('wrong-name'),
    cure: { by: 'commands' },
  },
  {
    name: 'socket-directory-wrong',
    ids: ['D2'],
    about: 'agent_address has the directory of the node instead of the one in the container.',
    change: [address('/run/spire/agent-sockets/spire-agent.sock')],
    expect: expected('wrong-directory'),
    cure: { by: 'commands' },
  },
  {
    name: 'address-with-scheme',
    ids: ['D4'],
    about: 'agent_address begins with unix://, which spiffe-helper puts in front by itself.',
    change: [address('unix:///spiffe-workload-api/spire-agent.sock')],
    expect: expected('unix-prefix'),
    cure: { by: 'commands' },
  },
  {
    name: 'environment-with-scheme',
    ids: ['D4'],
    about: 'The address comes from SPIFFE_ENDPOINT_SOCKET in the usual form with a scheme.',
    change: [
      address(''),
      helperField('env', [{ name: 'SPIFFE_ENDPOINT_SOCKET', value: 'unix:///spiffe-workload-api/spire-agent.sock' }]),
    ],
    expect: expected('unix-prefix'),
    cure: { by: 'commands' },
  },
  {
    name: 'address-relative',
    ids: ['D5'],
    about: 'agent_address is the name of the socket without its directory.',
    change: [address('spire-agent.sock')],
    expect: expected('relative-path'),
    cure: { by: 'commands' },
  },
  {
    name: 'address-missing',
    ids: ['D6'],
    about: 'helper.conf has no agent_address, and the default of spiffe-helper is dialled.',
    change: [address('')],
    expect: expected('no-address'),
    cure: { by: 'commands' },
  },
  {
    name: 'address-empty',
    ids: ['D6'],
    about: 'A variable of the values was empty: agent_address = "".',
    change: [conf(ADDRESS, 'agent_address = ""')],
    expect: expected('no-address'),
    cure: { by: 'commands' },
  },
];
