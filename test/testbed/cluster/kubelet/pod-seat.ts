import type { Platform } from '../../platform.ts';
import type { KubeObject, Mount, Program, Store } from '../../seams.ts';
import type { RecordEvent } from '../event-recorder.ts';
import { identityOf } from '../fields.ts';
import type { ContainerSlot } from './container-slot.ts';
import type { MountedVolume } from './volumes.ts';

/** What all kubelets share. */
export interface NodeServices {
  readonly store: Store;
  readonly platform: Platform;
  readonly programs: readonly Program[];
  readonly now: () => number;
  readonly record: RecordEvent;
  readonly nodePath: (node: string, path: string) => string;
  /** What every container of a node is given beside what its pod says. */
  readonly nodeMounts: (node: string) => readonly Mount[];
  readonly csiDirectory: ((driver: string, node: string, pod: KubeObject) => string | undefined) | undefined;
  /** A program has ended by itself: somebody should look. */
  readonly wake: () => void;
}

/** A pod on its node: what the kubelet knows of it besides the object. */
export interface PodSeat {
  /** As it was at the last look. */
  pod: KubeObject;
  readonly node: string;
  readonly address: string;
  /** The pod's own directory on this machine. */
  readonly directory: string;
  readonly volumes: Map<string, MountedVolume>;
  readonly slots: Map<string, ContainerSlot>;
  /** Changes when something changes that gives failing containers another chance. */
  hopes: string;
  /** Epoch milliseconds. */
  startedAt: number;
  initialised: boolean;
}

/** `name_namespace(uid)`, as kubelets write a pod. */
export function podMark(pod: KubeObject): string {
  const { namespace, name, uid } = identityOf(pod);
  return `${name}_${namespace}(${uid})`;
}
