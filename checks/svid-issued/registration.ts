import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { PassedOver, Registration } from '../../src/evidence/facts/registration.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';

const MESSAGE_OF: Readonly<Partial<Record<PassedOver['because'], string>>> = {
  'class-not-watched': 'class-not-watched',
  'no-status': 'not-reconciled',
  'pod-not-selected': 'pod-not-selected',
  'namespace-not-selected': 'namespace-not-selected',
  'namespace-ignored': 'namespace-not-selected',
  'render-failure': 'template-fails',
  'workload-selector': 'selector-not-met',
};

/**
 * Why no ClusterSPIFFEID registers the pod, told about the one that comes closest. Empty when one does, when that
 * could not be seen, or when there is none at all (entries may then be made by hand).
 */
export function registrationFindings(pod: PodView, registration: Reading<Registration>): readonly Finding[] {
  if (registration.state !== 'known') return [];
  const { effective, passedOver } = registration.value;
  if (effective.length > 0 || passedOver.some(({ because }) => because === 'cannot-tell')) return [];
  const closest = passedOver.toSorted((a, b) => b.closeness - a.closeness)[0];
  const message = closest && MESSAGE_OF[closest.because];
  if (!closest || !message) return [];
  const { clusterSpiffeId, detail } = closest;
  return [
    {
      message,
      data: { clusterSpiffeId: clusterSpiffeId.name, detail, pod: pod.ref.name, until: '' },
      culprit: clusterSpiffeId,
      evidence: [
        { from: { object: clusterSpiffeId, field: fieldOf(closest) }, excerpt: detail },
        {
          from: { object: pod.ref, field: 'metadata.labels' },
          excerpt: Object.entries(pod.labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(', '),
        },
      ],
      fix: fixOf(closest, pod),
    },
  ];
}

function fieldOf({ because }: PassedOver): string {
  switch (because) {
    case 'class-not-watched':
      return 'spec.className';
    case 'no-status':
      return 'status';
    case 'pod-not-selected':
      return 'spec.podSelector';
    case 'workload-selector':
      return 'spec.workloadSelectorTemplates';
    case 'render-failure':
      return 'spec.spiffeIDTemplate';
    default:
      return 'spec.namespaceSelector';
  }
}

function fixOf({ because, clusterSpiffeId, detail }: PassedOver, pod: PodView): Fix {
  const preconditions = ['every pod that the object selects gets an identity by this: look at its selectors first'];
  const className = /controller watches '([^']+)'/.exec(detail)?.[1];
  if (because === 'class-not-watched' && className !== undefined) {
    const body = { spec: { className } };
    return {
      summary: `give ClusterSPIFFEID ${clusterSpiffeId.name} the class that the controller watches`,
      commands: [
        {
          args: ['patch', 'clusterspiffeid', clusterSpiffeId.name, '--type', 'merge', '--patch', JSON.stringify(body)],
        },
      ],
      patch: { target: clusterSpiffeId, type: 'merge', body },
      durable: `spec.className: ${className} in the object's manifest`,
      impact: 'cluster-wide',
      preconditions,
      undo: 'set spec.className back to what it was',
    };
  }
  if (because === 'no-status') {
    return {
      summary: 'look why the spire-controller-manager does not reconcile: its log says so',
      manual:
        'what stops the controller decides what to do: see the log of container spire-controller-manager in the SPIRE server’s pod',
      impact: 'none',
    };
  }
  const wanted = `${pod.ref.namespace}/${pod.ref.name}`;
  return {
    summary:
      because === 'render-failure'
        ? 'correct the template'
        : `make the selectors of ClusterSPIFFEID ${clusterSpiffeId.name} include ${wanted}, or register HAProxy’s pods with an object of their own`,
    manual: 'which workloads an identity is for is a decision about security that nobody can take for you',
    durable: 'the ClusterSPIFFEID’s manifest, or controllerManager.identities.clusterSPIFFEIDs of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions,
  };
}
