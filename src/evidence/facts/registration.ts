import type { FactReader } from '../catalogue.ts';
import { chainReading, type ObjectRef, type Reading, type Unknown } from '../reading.ts';
import { registrationOf } from '../spire/registration.ts';
import { podOf } from './pod.ts';

/** What the ClusterSPIFFEIDs make of one pod, worked out as the spire-controller-manager does. */
export interface Registration {
  /** Those that give the pod an entry. */
  readonly effective: readonly EffectiveEntry[];
  /** All others with the first reason why they don't. */
  readonly passedOver: readonly PassedOver[];
  /** True when entries may exist that were not made by ClusterSPIFFEIDs, so that nothing follows from their absence. */
  readonly manualEntriesPossible: boolean;
  /** Classes that some controller reconciles, '' for objects without one; empty: none was seen. */
  readonly watchedClasses: readonly string[];
  /** Why no configuration of a spire-controller-manager was seen, where one may be. */
  readonly settingsUnseen?: Unknown;
  /** The workload that runs the spire-controller-manager, when workloads were listed. */
  readonly controller?: { readonly ref: ObjectRef; readonly replicas: number };
}

export interface EffectiveEntry {
  readonly clusterSpiffeId: ObjectRef;
  /** Rendered; absent when the template uses what was not seen. */
  readonly spiffeId?: string;
  readonly hint?: string;
  readonly ttlSeconds?: number;
  /** DNS names that the SVID will carry. */
  readonly dnsNames: Reading<readonly string[]>;
  readonly autoPopulateDnsNames: boolean;
  readonly spiffeIdTemplate: string;
  readonly dnsNameTemplates: readonly string[];
  readonly federatesWith: readonly string[];
  /** It hands out a certificate that signs others. */
  readonly downstream: boolean;
  /** It gives way to any other object that selects the pod. */
  readonly fallback: boolean;
  /** It selects pods by their labels. */
  readonly selectsPods: boolean;
  /** Entries of this object that the server refused, of all its pods (`status.stats.entryFailures`). */
  readonly entryFailures: number;
}

export interface PassedOver {
  readonly clusterSpiffeId: ObjectRef;
  readonly because:
    | 'class-not-watched'
    | 'no-status'
    | 'namespace-not-selected'
    | 'namespace-ignored'
    | 'pod-not-selected'
    | 'render-failure'
    | 'workload-selector'
    | 'entry-failure'
    | 'masked'
    | 'fallback-not-needed'
    | 'cannot-tell';
  /** What does not match, in words: `podSelector wants app=haproxy, the pod has no label app`. */
  readonly detail: string;
  /** The spiffeIDTemplate that fails. */
  readonly template?: string;
  /** How much matches: 0 nothing … 1 all but the last. For "which comes closest". */
  readonly closeness: number;
}

/** What ClusterSPIFFEIDs make of a HAProxy pod. */
export const registration: FactReader<Registration> = {
  gather: ['pods', 'spiffe-ids', 'backends'],
  read: (world, subject) =>
    world.memoOf(subject.ref, 'registration', () =>
      chainReading(podOf(world, subject), (pod) => registrationOf(world, pod)),
    ),
};
