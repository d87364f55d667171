import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { PassedOver, Registration } from '../../src/evidence/facts/registration.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { type RegistrationChange, registrationChange } from '../../src/evidence/registration-change.ts';
import { scaleUp } from '../../src/evidence/scale-up.ts';
import { RUNS_CONTROLLER } from './fixes.ts';

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
 * could not be seen, or when there is none at all (entries may then be made by hand). `hint` is what the pod's helper
 * asks for.
 */
export function registrationFindings(
  pod: PodView,
  registration: Reading<Registration>,
  hint: string | undefined,
): readonly Finding[] {
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
      fix: fixOf(closest, pod, registration.value, hint),
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

function fixOf(closest: PassedOver, pod: PodView, registration: Registration, hint: string | undefined): Fix {
  return {
    ...changeFor(closest, pod, registration, hint),
    durable: 'the ClusterSPIFFEID\u2019s manifest, or controllerManager.identities.clusterSPIFFEIDs of the SPIRE chart',
    impact: 'cluster-wide',
  };
}

/** The change that the evidence supports; where none is, why not. */
function changeFor(
  closest: PassedOver,
  pod: PodView,
  registration: Registration,
  hint: string | undefined,
): RegistrationChange | Pick<Fix, 'summary' | 'manual'> {
  const { because, clusterSpiffeId } = closest;
  if (because === 'no-status') return reviveController(registration);
  if (because === 'namespace-ignored') {
    return {
      summary: `take namespace ${pod.ref.namespace} out of ignoreNamespaces in the configuration of the spire-controller-manager`,
      manual: 'that configuration is not kept whole here, so that it cannot be written back',
    };
  }
  return (
    registrationChange(closest, pod, registration, hint === undefined ? {} : { hint }) ?? {
      summary: `make ClusterSPIFFEID ${clusterSpiffeId.name} select ${pod.ref.namespace}/${pod.ref.name}, or register HAProxy\u2019s pods with an object of their own`,
      manual: 'no class was seen that a controller watches, or the pods have no labels to select them by',
    }
  );
}

/** Nothing reconciles a class that is watched: the controller does not run, or hangs. */
function reviveController({ controller }: Registration): RegistrationChange | Pick<Fix, 'summary' | 'manual'> {
  if (controller === undefined) {
    return {
      summary: 'look why the spire-controller-manager does not reconcile: its log says so',
      manual: 'no workload that runs the spire-controller-manager was seen',
    };
  }
  const { ref, replicas } = controller;
  const resource = `${ref.kind.toLowerCase()}/${ref.name}`;
  const scope = ref.namespace === undefined ? {} : { namespace: ref.namespace };
  return replicas === 0
    ? scaleUp(ref, RUNS_CONTROLLER)
    : {
        summary: `Restart ${ref.kind} ${ref.namespace}/${ref.name}, whose spire-controller-manager does not reconcile.`,
        commands: [{ ...scope, args: ['rollout', 'restart', resource] }],
        preconditions: [
          'the log of its container spire-controller-manager names no cause that a restart would not change (CRDs of another version, a refused permission)',
          'where the SPIRE server keeps its data in the pod alone, it forgets its authorities: its volume is a persistent one',
        ],
        undo: 'none is needed',
      };
}
