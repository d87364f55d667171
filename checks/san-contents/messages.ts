import type { Message } from '../../src/doctor/check.ts';

/** About the certificate that HAProxy presents. */
export const haproxyMessages = {
  placeholder: {
    role: 'symptom',
    severity: 'fail',
    text: '{path} on this HAProxy pod is the controller\u2019s placeholder ({subject}), not an SVID{mounted}. No backend trusts it.',
    avoid: ['Don\u2019t take the placeholder away from the controller: only the HAProxy pods must not have it.'],
  },
  'cert-manager-driver': {
    role: 'cause',
    severity: 'fail',
    text: '{directory} is filled by cert-manager\u2019s driver {driver}. Its approver refuses DNS names, so no certificate of that issuer can match the name that HAProxy verifies; and its authority is not SPIRE\u2019s.',
  },
  'no-spiffe-id': {
    role: 'cause',
    severity: 'fail',
    text: 'The certificate in {path} ({subject}) has no URI SAN, so it is no SVID: go-spiffe peers say "certificate contains no URI SAN".',
  },
  'several-spiffe-ids': {
    role: 'cause',
    severity: 'fail',
    text: 'The certificate in {path} has {count} URI SANs, and an SVID has one: go-spiffe peers say "certificate contains more than one URI SAN".',
  },
  'malformed-spiffe-id': {
    role: 'cause',
    severity: 'fail',
    text: 'The URI SAN {uri} in {path} is not a workload\u2019s SPIFFE ID: {because}.',
  },
  'is-authority': {
    role: 'cause',
    severity: 'fail',
    text: 'The certificate in {path} is an authority ({why}), and an SVID must not be: go-spiffe peers say "leaf certificate must not have CA flag set to true", or refuse its key usage.',
  },
  'key-usage': {
    role: 'cause',
    severity: 'fail',
    text: 'The certificate in {path} breaks the rules of an SVID: {why}.',
  },
  'extended-key-usage': {
    role: 'cause',
    severity: 'fail',
    text: 'The extended key usage of the certificate in {path} lacks {missing}; an SVID has both, or no such extension.',
  },
  'san-not-critical': {
    role: 'cause',
    severity: 'warn',
    text: 'The certificate in {path} has an empty subject, and its SAN is not critical: strict peers refuse it.',
  },
  'unexpected-trust-domain': {
    role: 'cause',
    severity: 'warn',
    text: 'The SVID in {path} is {uri}, and the agent that serves this pod belongs to the trust domain {expected}.',
  },
  'unexpected-spiffe-id': {
    role: 'cause',
    severity: 'warn',
    text: 'The SVID in {path} is {uri}; the ClusterSPIFFEIDs give this pod {expected}. A backend that admits only the expected ID refuses HAProxy.',
  },
} as const satisfies Readonly<Record<string, Message>>;
