import type { Message } from '../../src/doctor/check.ts';

export const KEEP_PODS = 'Don\u2019t restart HAProxy pods before SPIRE issues again: a new pod gets no SVID at all.';

export const messages = {
  expired: {
    role: 'symptom',
    severity: 'fail',
    text: 'The SVID in {path} expired at {notAfter}, {ago} ago, and nothing has replaced it since {written}.{agent} Backends refuse it; connections that are already open go on, so traffic may fail bit by bit.',
  },
  'rotation-overdue': {
    role: 'symptom',
    severity: 'warn',
    text: 'The SVID in {path} ends at {notAfter} ({left}, {percent} % of its lifetime) and should have been replaced when {due} were left.{agent}',
  },
  'not-yet-valid': {
    role: 'cause',
    severity: 'fail',
    text: 'The SVID in {path} is valid only from {notBefore}, {ahead} from now by the API server\u2019s clock: the clock of whoever issued it is ahead, and peers refuse it until then.',
  },
  'clock-skew': {
    role: 'cause',
    severity: 'warn',
    text: 'The clock of node {node} is {skew} {direction} the API server\u2019s.{consequence}',
  },
  'not-a-certificate': {
    role: 'cause',
    severity: 'fail',
    text: 'HAProxy cannot load {path}: {why}.',
  },
  'key-mismatch': {
    role: 'symptom',
    severity: 'fail',
    text: 'The private key in {key} does not belong to the certificate in {path}: HAProxy refuses the pair with "inconsistencies between private key and certificate loaded".{writers}',
  },
  'key-empty': {
    role: 'symptom',
    severity: 'fail',
    text: '{key} is empty, since {written}: HAProxy cannot load the SVID without its key.',
    avoid: ['Don\u2019t reload HAProxy 3.3.0 with this file: it never ends on a key file without a key.'],
  },
  'not-trusted': {
    role: 'cause',
    severity: 'fail',
    text: 'The SVID in {path} does not lead to any certificate of {bundle}: {detail}. Peers that trust this bundle refuse HAProxy, and HAProxy refuses backends issued like this SVID.',
  },
  'intermediate-missing': {
    role: 'cause',
    severity: 'fail',
    text: '{path} holds the leaf alone, and the intermediate that issued it ({issuer}) was put into {bundle}. Backends that hold only SPIRE\u2019s roots cannot build the chain: "unable to get local issuer certificate".',
  },
  'authority-not-valid': {
    role: 'cause',
    severity: 'fail',
    text: 'The authority {subject}, by which the SVID in {path} is trusted, {when}.',
    avoid: [KEEP_PODS],
    starvesNewPods: true,
  },
  'authority-expires-first': {
    role: 'cause',
    severity: 'warn',
    text: 'The authority {subject} ends at {notAfter}, before the SVID that it issued ({leafNotAfter}): from then on nobody trusts this SVID.',
  },
  'bundle-unusable': {
    role: 'cause',
    severity: 'fail',
    text: 'HAProxy cannot load the trust bundle {bundle}: {why}.',
  },
  'bundle-with-key': {
    role: 'cause',
    severity: 'warn',
    text: '{bundle} holds a private key beside the certificates. A trust bundle is handed around; if the key is in use it has leaked.',
  },
} as const satisfies Readonly<Record<string, Message>>;
