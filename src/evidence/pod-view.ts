import type { ImageRef } from './image-ref.ts';
import type { JsonObject } from './json.ts';
import type { ObjectRef } from './reading.ts';

/** What a container is for, found by what it runs and mounts, never by its name alone. */
export type ContainerRole = 'haproxy' | 'spiffe-helper' | 'cert-reloader' | 'haptic-agent' | 'controller' | 'other';

/** Where in a pod spec a container stands. A native sidecar is an init container with `restartPolicy: Always`. */
export type ContainerPlace = 'main' | 'init' | 'native-sidecar';

export interface ContainerView {
  readonly name: string;
  readonly role: ContainerRole;
  readonly place: ContainerPlace;
  /** Path of the container in the object it was read from, `spec.template.spec.containers[2]`. */
  readonly path: string;
  readonly image: ImageRef;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvView[];
  readonly mounts: readonly MountView[];
  readonly ports: readonly { readonly name?: string; readonly port: number }[];
  readonly probes: readonly HttpProbeView[];
  /** Effective user: container, else pod; null: the image decides. */
  readonly runAsUser: number | null;
  readonly runAsGroup: number | null;
  readonly runAsNonRoot: boolean | null;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  /** Absent in files, and before the kubelet has reported. */
  readonly status?: ContainerStatusView;
}

export interface EnvView {
  readonly name: string;
  /** How the value reads as a socket address; only for the two variables that name the Workload API. */
  readonly endpoint?: { readonly scheme: 'unix' | 'tcp' | 'none'; readonly path: string };
}

export interface MountView {
  readonly volume: string;
  readonly path: string;
  readonly subPath?: string;
  readonly readOnly: boolean;
  readonly field: string;
}

/** A liveness, readiness or startup probe over HTTP, with the kubelet's view restored where Istio rewrote it. */
export interface HttpProbeView {
  readonly kind: 'liveness' | 'readiness' | 'startup';
  readonly path: string;
  readonly port: number | string;
  readonly field: string;
  readonly rewrittenByIstio: boolean;
}

export interface ContainerStatusView {
  readonly ready: boolean;
  readonly restarts: number;
  readonly state: ContainerState;
  readonly last?: Terminated;
  /** The image as the runtime resolved it. */
  readonly imageId: string;
}

export type ContainerState =
  | { readonly now: 'running'; readonly startedAt: number }
  | { readonly now: 'waiting'; readonly reason: string; readonly message: string }
  | Terminated
  | { readonly now: 'unreported' };

export interface Terminated {
  readonly now: 'terminated';
  readonly reason: string;
  readonly exitCode: number;
  readonly message: string;
  /** Epoch milliseconds; 0 when not reported. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

export type VolumeView = {
  readonly name: string;
  /** Path of the volume in the object, `spec.volumes[3]`. */
  readonly field: string;
} & (
  | { readonly type: 'csi'; readonly driver: string; readonly readOnly: boolean; readonly hasOptions: boolean }
  | {
      readonly type: 'configMap';
      readonly configMap: string;
      readonly optional: boolean;
      /** Octal mode as a number; Kubernetes' default is 0o644. */
      readonly defaultMode: number;
      /** Keys that are projected; empty: all, each under its own name. */
      readonly items: readonly { readonly key: string; readonly path: string; readonly mode?: number }[];
    }
  | { readonly type: 'secret'; readonly secret: string; readonly defaultMode: number }
  | { readonly type: 'emptyDir' }
  | { readonly type: 'hostPath'; readonly path: string }
  | { readonly type: 'other'; readonly source: string }
);

/** A pod, or — where there is none — the template that would make it. All times are epoch milliseconds. */
export interface PodView {
  readonly ref: ObjectRef;
  /** `template` when only a workload was seen: nothing here was observed running. */
  readonly from: 'pod' | 'template';
  /** The Deployment, DaemonSet or StatefulSet that makes the pod; the pod itself when nothing does. */
  readonly workload: ObjectRef;
  readonly uid?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly node?: string;
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly shareProcessNamespace: boolean;
  readonly fsGroup: number | null;
  readonly containers: readonly ContainerView[];
  readonly volumes: readonly VolumeView[];
  readonly createdAt?: number;
  readonly startedAt?: number;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly deleting: boolean;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly since?: number;
  }[];
  /** Who manages the object, from its labels and annotations. */
  readonly managedBy?: string;
  /** For what came from files: the file, and the 1-based line of every field by its path. */
  readonly source?: { readonly file: string; readonly lines: Readonly<Record<string, number>> };
  readonly raw: JsonObject;
}
