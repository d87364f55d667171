import type { Readable, Writable } from 'node:stream';
import type { EditableObject } from '../scenario/field-edit.ts';

/** A Kubernetes object in the store; whoever wants to change it hands the changed copy to `Store.update`. */
export type KubeObject = EditableObject;

export interface ObjectKey {
  readonly kind: string;
  /** Absent for what has no namespace. */
  readonly namespace?: string;
  readonly name: string;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** Who changes an object; `metadata.managedFields` records it. */
export interface Change {
  /** `kubectl-patch`, `helm`, `kubelet`. */
  readonly manager: string;
  /** `status` changes leave `metadata.generation` alone. */
  readonly subresource?: 'status' | 'scale';
}

/** The cluster's objects: what stands behind the API. Everything it returns is a copy. */
export interface Store {
  readonly list: (kind: string, namespace?: string) => readonly KubeObject[];
  readonly get: (key: ObjectKey) => KubeObject | undefined;
  /** Fills in uid, creationTimestamp, generation, resourceVersion and managedFields unless they are there. Throws when it exists. */
  readonly create: (object: KubeObject, change: Change) => KubeObject;
  /** Replaces it; a new resourceVersion, and a new generation when more than metadata and status differ. Nothing happens when nothing differs. Throws when it is not there. */
  readonly update: (object: KubeObject, change: Change) => KubeObject;
  /** False when it was not there. */
  readonly remove: (key: ObjectKey) => boolean;
  /** Told of every change after it happened, in order. Returns how to stop. */
  readonly subscribe: (listener: (event: StoreEvent) => void) => () => void;
  /** Moves every time stamp in every object this many milliseconds into the past, as if so much time had gone by. */
  readonly age: (milliseconds: number) => void;
}

export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface LogLine {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}

/** A command that runs in a container. */
export interface RunningCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Exit status; 128 + n after signal n. Resolves after both outputs have ended. */
  readonly ended: Promise<number>;
  readonly kill: () => void;
}

/** What the kubelets answer; the API server passes on to it what concerns a container. */
export interface PodRuntime {
  /** Undefined: the container has not started (or, for `previous`, has not ended) yet. */
  readonly log: (
    ref: ContainerRef,
    previous: boolean,
  ) =>
    | { readonly lines: readonly LogLine[]; readonly follow: (listener: (line: LogLine) => void) => () => void }
    | undefined;
  /** `refused` is the runtime's own words: `exec: "ls": executable file not found in $PATH`. */
  readonly exec: (
    ref: ContainerRef,
    command: readonly string[],
  ) => Promise<RunningCommand | { readonly refused: string }>;
  /** Where a pod's port can be reached from here; undefined: nobody listens. */
  readonly address: (
    namespace: string,
    pod: string,
    port: number,
  ) => { readonly host: string; readonly port: number } | undefined;
}

/** What a directory of the pod looks like inside a container. */
export interface Mount {
  /** Directory or file on this machine. */
  readonly from: string;
  /** Absolute path in the container. */
  readonly at: string;
  readonly readOnly: boolean;
}

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups: fsGroup and supplementalGroups. */
  readonly groups: readonly number[];
}

export interface SandboxSpec {
  /** Unique among the sandboxes that run; used in file names. */
  readonly id: string;
  readonly mounts: readonly Mount[];
  readonly credentials: Credentials;
  readonly env: Readonly<Record<string, string>>;
  /** Which HAProxy `haproxy` is in there; absent: none. */
  readonly haproxy?: HaproxyRelease;
}

/** Debian's own 2.6.12, or the newer one that `.ci/fetch-haproxy` unpacked. */
export type HaproxyRelease = '2.6' | '3.2';

/** One container's view of the machine: its own mounts, processes and user; the network is shared, each pod has an address in 127.0.0.0/8. */
export interface Sandbox {
  /** Runs with the container's user; closes stdin when `stdin` was given. */
  readonly run: (command: readonly string[], stdin?: string | Buffer) => RunningCommand;
  /** Ends every process in it, and waits for that. */
  readonly close: () => Promise<void>;
}

/** How a container's program ended. */
export interface Exit {
  readonly code: number;
  /** Last words for `terminated.message`. */
  readonly message?: string;
}

/** A container that runs, whatever is behind it. */
export interface RunningProgram {
  /** Resolves when it ends by itself or after `stop`. */
  readonly ended: Promise<Exit>;
  /** Asks it to end, as a kubelet does: gracefully. */
  readonly stop: () => Promise<void>;
  /** Answers an HTTP probe: a status, or why there is none (`connection refused`). Absent: refuses every connection. */
  readonly probe?: (port: number, path: string) => Promise<number | 'refused'>;
  /** Absent: exec finds no shell and no program. */
  readonly sandbox?: Sandbox;
}

/** What a program is given when its container starts. */
export interface ProgramContext {
  readonly ref: ContainerRef;
  /** The pod as it is stored at the start. */
  readonly pod: KubeObject;
  /** The container's entry in the pod's spec. */
  readonly container: KubeObject;
  /** Address of the pod, in 127.0.0.0/8. */
  readonly address: string;
  readonly credentials: Credentials;
  readonly mounts: readonly Mount[];
  /** What the container has of its node, beside what its pod says. */
  readonly nodeMounts?: readonly Mount[];
  /** A sandbox with these mounts and this user; made at the first call. */
  readonly sandbox: () => Promise<Sandbox>;
  /** The path on this machine of a path in the container, through its mounts; undefined: not on a mount. */
  readonly onHost: (path: string) => string | undefined;
  readonly log: (text: string) => void;
  readonly store: Store;
}

/** A stand-in for, or the real, program of an image. */
export interface Program {
  /** Whether this program is what the container runs. The first of the list that says yes is taken. */
  readonly runs: (container: KubeObject, pod: KubeObject) => boolean;
  /** Rejects when it cannot even start; the kubelet makes `StartError` of it. */
  readonly start: (context: ProgramContext) => Promise<RunningProgram>;
}

/** Part of the control plane: looks at the store and does what is due. Called after changes until nothing changes any more. */
export interface Controller {
  readonly name: string;
  readonly reconcile: () => Promise<void> | void;
}
