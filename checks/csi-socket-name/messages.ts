import type { Message } from '../../src/doctor/check.ts';

export const messages = {
  'wrong-name': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} dials {path}; the SPIRE agent serves {served} in that directory, not {name}.{said}',
  },
  'unusual-name': {
    role: 'cause',
    severity: 'warn',
    text: 'spiffe-helper in container {helper} dials {path}. No SPIRE chart serves a socket called {name}, and the configuration of the agent could not be read to see whether this one does ({why}).',
  },
  'cannot-connect': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} cannot connect to the Workload API: {said}. {hint}',
  },
  'not-restarted': {
    role: 'cause',
    severity: 'fail',
    text: 'helper.conf of container {helper} names {path}, which the agent serves, but the running process still dials {dialled}: it read the configuration before it was changed.',
  },
  'wrong-directory': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} dials {path}; the Workload API volume {volume} is mounted at {mountPath} there.',
  },
  'not-mounted': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} dials {path}, and no volume with the Workload API is mounted in that container ({where}).',
  },
  'unix-prefix': {
    role: 'cause',
    severity: 'fail',
    text: '{setting} of container {helper} is {value}. spiffe-helper puts unix:// in front by itself, so the address becomes invalid; it wants a plain absolute path.',
  },
  'relative-path': {
    role: 'cause',
    severity: 'fail',
    text: 'agent_address of container {helper} is {value}, which is not an absolute path; as a gRPC target it is invalid.',
  },
  'no-address': {
    role: 'cause',
    severity: 'fail',
    text: 'helper.conf of container {helper} gives agent_address no value, so spiffe-helper dials its default {path}, where no volume is mounted.',
  },
  'permission-denied': {
    role: 'cause',
    severity: 'fail',
    text: 'The node does not let spiffe-helper in container {helper} open the socket: {said}. The agent itself makes it open to everyone; SELinux, AppArmor or the mode of the directory on the node stand in between.',
  },
  'upstream-driver': {
    role: 'cause',
    severity: 'fail',
    text: 'Volume {volume} uses driver upstream.csi.spiffe.io, which is meant for nested SPIRE servers and refused to workloads by their admission policy.',
  },
  'not-read-only': {
    role: 'cause',
    severity: 'fail',
    text: 'Volume {volume} of driver {driver} is not read-only; the driver refuses to mount it.{said}',
  },
  'driver-missing': {
    role: 'cause',
    severity: 'fail',
    text: 'The cluster has no CSIDriver {driver}, which volume {volume} asks for: the SPIFFE CSI driver is not installed, or under another name.{said}',
  },
  'driver-not-on-node': {
    role: 'cause',
    severity: 'fail',
    text: 'CSI driver {driver} is not registered on node {node}: its DaemonSet has no working pod there.{trouble}{said}',
  },
  'no-agent-on-node': {
    role: 'cause',
    severity: 'fail',
    text: 'No pod of SPIRE agent DaemonSet {agent} is on node {node}, so nothing serves the socket there.',
  },
  'agent-not-ready': {
    role: 'cause',
    severity: 'fail',
    text: 'SPIRE agent pod {agent} on node {node} is not ready. {trouble}',
  },
  'no-agent-for-driver': {
    role: 'cause',
    severity: 'warn',
    text: 'CSI driver {driver} mounts a directory of the node that no SPIRE agent DaemonSet uses: missing is {what}.',
  },
  'stale-mount': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} dials {path}, which the ready agent on node {node} serves, and gets: {said}. The pod still has the directory mounted from before the agent or the CSI driver was restarted.',
  },
} as const satisfies Record<string, Message>;
