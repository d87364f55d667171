import type { Message } from '../../src/doctor/check.ts';

export const messages = {
  missing: {
    role: 'cause',
    severity: 'fail',
    text: 'Nothing in the pod makes {directory}, where {use}; spiffe-helper does not make directories itself.{seen}',
  },
  'init-failed': {
    role: 'cause',
    severity: 'fail',
    text: 'Init container {container}, which should make {directory}, fails: {said}',
  },
  'no-cert-dir': {
    role: 'cause',
    severity: 'fail',
    text: 'helper.conf of container {helper} sets no cert_dir, so spiffe-helper writes into its working directory, which HAProxy does not see.',
  },
  'not-on-volume': {
    role: 'cause',
    severity: 'fail',
    text: "spiffe-helper in container {helper} writes to {directory}, which lies in that container's own file system: HAProxy cannot see it.",
  },
  'not-shared': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} writes to {directory} on volume {volume}; container haproxy does not mount that volume there.',
  },
  shadowed: {
    role: 'cause',
    severity: 'fail',
    text: 'Volume {by} is mounted over {directory} in container haproxy: HAProxy reads what is in there and never the SVID of container {helper}.',
  },
  'names-differ': {
    role: 'cause',
    severity: 'fail',
    text: 'HAProxy is configured for {wanted}; spiffe-helper in container {helper} writes {written}.',
  },
  'quota-needs-limits': {
    role: 'cause',
    severity: 'fail',
    text: 'A ResourceQuota lets no new pod of {workload} in, because containers lack requests or limits that it counts: {said}',
  },
  'quota-exhausted': {
    role: 'cause',
    severity: 'fail',
    text: 'A ResourceQuota is used up, so that no new pod of {workload} gets in: {said}',
  },
  'pods-rejected': {
    role: 'cause',
    severity: 'fail',
    text: 'No new pod of {workload} is let in: {said}',
  },
} as const satisfies Record<string, Message>;
