import type { Placeholder, Validation } from './facts/controller.ts';
import type { EventView, RolloutView } from './facts/events.ts';
import type { HaproxyMemory } from './facts/haproxy-memory.ts';
import type { HelperLogView } from './facts/helper-log.ts';
import type { HelperConfigView, HelperView } from './facts/helpers.ts';
import type { IngressBackend } from './facts/ingress-backends.ts';
import type { AnnotatedIngress, Installation, MtlsSnippet } from './facts/installation.ts';
import type { Registration } from './facts/registration.ts';
import type { ReloaderLogView, ReloaderView } from './facts/reloader.ts';
import type { RenderedBackend, RenderedConfig } from './facts/rendered-config.ts';
import type { SpiffeDirectoryPlan } from './facts/spiffe-directory.ts';
import type { SvidFiles } from './facts/svid-files.ts';
import type { ServingAgent, WorkloadApiVolumes } from './facts/workload-api.ts';
import type { PodView } from './pod-view.ts';
import type { Reading } from './reading.ts';
import type { Subject, SubjectType } from './subject.ts';
import type { World } from './world.ts';

export type { SubjectType } from './subject.ts';

/** Every piece of evidence that a check can ask for, by type of subject. */
export interface Catalogue {
  readonly cluster: NoFacts;
  readonly node: NoFacts;
  readonly 'spiffe-id': NoFacts;
  readonly installation: InstallationFacts;
  readonly 'haproxy-pod': HaproxyPodFacts;
  readonly 'controller-pod': ControllerPodFacts;
  readonly ingress: IngressFacts;
}

export type FactName<S extends SubjectType> = keyof Catalogue[S] & string;

/** No name is a fact's. */
export type NoFacts = Readonly<Record<never, never>>;

export interface InstallationFacts {
  readonly installation: Installation;
  /** The snippet that HAPTIC will render for the mTLS annotation. */
  readonly snippet: MtlsSnippet;
  readonly annotatedIngresses: readonly AnnotatedIngress[];
}

export interface HaproxyPodFacts extends InstallationFacts {
  readonly pod: PodView;
  /** Absent when no container of the pod is a spiffe-helper. */
  readonly helpers: readonly HelperView[];
  /** One per helper, in the same order. */
  readonly helperConfigs: readonly HelperConfigView[];
  /** Absent when the pod has no CSI volume of a SPIFFE driver. */
  readonly workloadApiVolumes: WorkloadApiVolumes;
  /** One per driver that a helper's volumes name. */
  readonly servingAgents: readonly ServingAgent[];
  readonly helperLogs: readonly HelperLogView[];
  readonly spiffeDirectory: SpiffeDirectoryPlan;
  readonly svidFiles: SvidFiles;
  readonly haproxyMemory: HaproxyMemory;
  readonly renderedConfig: RenderedConfig;
  /** Absent when the pod has no container that pushes certificates. */
  readonly reloaders: readonly ReloaderView[];
  readonly reloaderLogs: readonly ReloaderLogView[];
  readonly events: readonly EventView[];
  readonly rollout: RolloutView;
  readonly registration: Registration;
}

export interface ControllerPodFacts extends InstallationFacts {
  readonly pod: PodView;
  readonly placeholder: Placeholder;
  readonly validation: Validation;
}

export interface IngressFacts extends InstallationFacts {
  readonly ingress: AnnotatedIngress;
  /** Whether HAPTIC watches Ingresses of this class. */
  readonly watched: boolean;
  readonly backends: readonly IngressBackend[];
  /** The backends of haproxy.cfg that HAPTIC rendered for this Ingress. */
  readonly renderedBackends: readonly RenderedBackend[];
}

/** What live gathering has to bring for a fact; see src/sources/live/. */
export type GatherItem =
  | 'pods'
  | 'config-maps'
  | 'events'
  | 'rollouts'
  | 'haptic-config'
  | 'haproxy-cfg'
  | 'ingresses'
  | 'backends'
  | 'csi'
  | 'spire'
  | 'spiffe-ids'
  | 'helper-logs'
  | 'reloader-logs'
  | 'controller-logs'
  | 'agent-logs'
  | 'probe';

/** How one fact is read from a snapshot, and what must have been gathered for it. */
export interface FactReader<T> {
  readonly gather: readonly GatherItem[];
  readonly read: (world: World, subject: Subject) => Reading<T>;
}

export type FactReaders = {
  readonly [S in SubjectType]: { readonly [K in keyof Catalogue[S]]: FactReader<Catalogue[S][K]> };
};
