import type { Message } from '../../src/doctor/check.ts';

const DO_NOT_RESTART =
  "don't restart HAProxy pods until SPIRE issues again: a pod that runs keeps its SVID in memory{until}, a new one starts without any";

/** Causes are about registration and attestation; what an earlier hop explains is a symptom. */
export const messages = {
  'class-not-watched': {
    role: 'cause',
    severity: 'fail',
    text: 'nobody registered this pod: ClusterSPIFFEID {clusterSpiffeId} comes closest, but {detail}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'not-reconciled': {
    role: 'cause',
    severity: 'fail',
    text: 'nobody registered this pod: ClusterSPIFFEID {clusterSpiffeId} would, but {detail}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'pod-not-selected': {
    role: 'cause',
    severity: 'fail',
    text: 'nobody registered this pod: ClusterSPIFFEID {clusterSpiffeId} comes closest, but its {detail}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'namespace-not-selected': {
    role: 'cause',
    severity: 'fail',
    text: 'nobody registered this pod: ClusterSPIFFEID {clusterSpiffeId} comes closest, but {detail}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'template-fails': {
    role: 'cause',
    severity: 'fail',
    text: 'nobody registered this pod: ClusterSPIFFEID {clusterSpiffeId} selects it, but {detail}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'selector-not-met': {
    role: 'cause',
    severity: 'fail',
    text: 'ClusterSPIFFEID {clusterSpiffeId} makes an entry for this pod that no agent gives to it: {detail}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'not-registered': {
    role: 'cause',
    severity: 'fail',
    text: 'SPIRE issues no identity to this pod, which runs as service account {serviceAccount} of namespace {namespace}, and there is no ClusterSPIFFEID at all; spiffe-helper says: {quote}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'no-identity': {
    role: 'cause',
    severity: 'fail',
    text: 'SPIRE issues no identity to this pod (service account {serviceAccount} of namespace {namespace}); spiffe-helper says: {quote}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'attestation-failed': {
    role: 'cause',
    severity: 'fail',
    text: 'the SPIRE agent on node {node} cannot attest this pod, so registration does not even come into it; spiffe-helper says: {quote}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'hint-not-found': {
    role: 'cause',
    severity: 'fail',
    text: 'helper.conf asks for the SVID with a hint that none of the issued SVIDs carries; spiffe-helper says: {quote}',
  },
  'agent-not-reached': {
    role: 'symptom',
    severity: 'fail',
    text: 'spiffe-helper does not reach the Workload API, so no SVID arrives; it says: {quote}',
    avoid: [DO_NOT_RESTART],
    starvesNewPods: true,
  },
  'helper-error': {
    role: 'symptom',
    severity: 'fail',
    text: 'spiffe-helper runs and cannot deliver the SVID; its last error: {quote}',
  },
  'partial-files': {
    role: 'symptom',
    severity: 'fail',
    text: 'an SVID was written only in part: {missing} missing beside {present}',
  },
  'no-files': {
    role: 'symptom',
    severity: 'fail',
    text: 'no SVID has arrived: {missing} do not exist, and spiffe-helper logs no error',
  },
  'helper-not-running': {
    role: 'symptom',
    severity: 'fail',
    text: 'container {container} does not run ({state}), so nothing fetches an SVID',
  },
  'no-helper': {
    role: 'cause',
    severity: 'fail',
    text: 'no container of this pod is a spiffe-helper, so nothing fetches the SVID that HAProxy is meant to use',
  },
} as const satisfies Readonly<Record<string, Message>>;
