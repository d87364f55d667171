import type { Message } from '../../src/doctor/check.ts';

export const messages = {
  'not-mounted': {
    role: 'cause',
    severity: 'fail',
    text: 'The controller (container {container}) has nothing at {path}, which the snippet {snippet} puts on server lines: `haproxy -c` will reject every configuration with an annotated Ingress.',
  },
  'wrong-path': {
    role: 'cause',
    severity: 'fail',
    text: 'ConfigMap {configMap} is mounted at {mounted} in container {container}; the snippet {snippet} reads {path}, and there is nothing.',
  },
  'hides-directory': {
    role: 'cause',
    severity: 'fail',
    text: 'ConfigMap {configMap} is mounted over the whole of {mounted} in container {container}. It hides what the controller keeps there, and {path} is still missing.',
  },
  'config-map-missing': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {container} mounts ConfigMap {configMap} at {mounted}, and that ConfigMap does not exist: new controller pods wait for it in ContainerCreating.',
  },
  'key-missing': {
    role: 'cause',
    severity: 'fail',
    text: 'ConfigMap {configMap} has no key {key}, so {path} is missing on the controller. HAProxy will say: {says}',
  },
  'no-certificate': {
    role: 'cause',
    severity: 'fail',
    text: '{key} of ConfigMap {configMap} holds {found}, no certificate that loads. HAProxy will say: {says}',
  },
  'no-private-key': {
    role: 'cause',
    severity: 'fail',
    text: '{key} of ConfigMap {configMap} holds {found}, no private key that loads. HAProxy will say: {says}',
  },
  'endless-validation': {
    role: 'cause',
    severity: 'fail',
    text: '{key} of ConfigMap {configMap} holds {found}, no private key, and the controller validates with HAProxy {version}: 3.3.0 never returns from that, so validation hangs at 100 % CPU and logs nothing.',
  },
  'key-mismatch': {
    role: 'cause',
    severity: 'fail',
    text: '{key} of ConfigMap {configMap} belongs to another certificate than {certificate}. HAProxy will say: {says}',
  },
  'unreadable-mode': {
    role: 'cause',
    severity: 'fail',
    text: 'ConfigMap {configMap} is mounted with mode {mode} and without fsGroup: user {uid} of container {container} cannot read {path}.',
  },
  'real-key-material': {
    role: 'cause',
    severity: 'fail',
    text: '{key} of ConfigMap {configMap} holds a private key beside a certificate that SPIRE issued ({identity}). Whoever may read ConfigMaps in {namespace} can act under that identity.',
    avoid: ["Don't print or copy the ConfigMap to look at it: the key is in it."],
  },
  'in-haproxy-pod': {
    role: 'cause',
    severity: 'fail',
    text: 'ConfigMap {configMap} with the placeholder is mounted at {mounted} in container {container} of {workload}: HAProxy presents the dummy certificate instead of its SVID.',
  },
  'still-rejected': {
    role: 'cause',
    severity: 'fail',
    text: 'The placeholder files are right now, but the controller still rejects the configuration: {error} It remembers a rejected configuration and does not look at the files again{why}.',
  },
  rejected: {
    role: 'cause',
    severity: 'fail',
    text: 'The controller rejects the configuration: {error} What is mounted at {path} could not be looked at.',
  },
  'validation-blind': {
    role: 'cause',
    severity: 'warn',
    text: 'The controller validates with HAProxy {version}. 3.1.0 reports success on such errors when `global` has `daemon`, so it accepts what HAProxy pods then refuse to load.',
  },
} satisfies Record<string, Message>;
