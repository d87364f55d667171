import type { Fix } from '../../src/doctor/check.ts';
import type { Registration } from '../../src/evidence/facts/registration.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';

export function readLogFix(pod: PodView, container: string): Fix {
  return {
    summary: 'read what the helper says',
    commands: [
      {
        args: [
          'logs',
          pod.from === 'pod' ? pod.ref.name : `${pod.workload.kind.toLowerCase()}/${pod.workload.name}`,
          '-c',
          container,
          '--tail',
          '50',
        ],
      },
    ],
    manual: 'the log decides: see the entry of this message',
    impact: 'none',
  };
}

export function registerFix({ serviceAccount, ref }: PodView): Fix {
  return {
    summary: `register spiffe://TRUST-DOMAIN/ns/${ref.namespace}/sa/${serviceAccount}, by a ClusterSPIFFEID or an entry`,
    durable: 'controllerManager.identities.clusterSPIFFEIDs of the SPIRE chart',
    manual: 'which workloads an identity is for is a decision about security that nobody can take for you',
    impact: 'cluster-wide',
    preconditions: ['the selectors match HAProxy’s pods and nothing that must not have the same identity'],
  };
}

export function lookAtEntriesFix(pod: PodView, registration: Reading<Registration>): Fix {
  const failing =
    registration.state === 'known'
      ? registration.value.effective.find(({ entryFailures }) => entryFailures > 0)
      : undefined;
  const summary =
    failing === undefined
      ? `compare the entries of the SPIRE server with what runs: namespace ${pod.ref.namespace}, service account ${pod.serviceAccount}`
      : `ClusterSPIFFEID ${failing.clusterSpiffeId.name} counts ${failing.entryFailures} entries that the server refused: the log of spire-controller-manager says why`;
  return {
    summary,
    manual: 'entries are only shown by the SPIRE server itself (spire-server entry show)',
    impact: 'none',
  };
}

export function attestationFix({ node }: PodView): Fix {
  return {
    summary: `read the log of the SPIRE agent on node ${node ?? '?'}: its workload attestor says what it could not ask the kubelet`,
    durable: 'workloadAttestors.k8s (verification, kubelet address) in the values of the SPIRE chart',
    manual: 'what the kubelet refuses differs by cluster',
    impact: 'none',
  };
}
