import type { FactReader } from '../catalogue.ts';
import type { Certificate } from '../certificate.ts';
import { readPlaceholder } from '../controller/read-placeholder.ts';
import { readValidation } from '../controller/read-validation.ts';
import { absent, chainReading, known, type ObjectRef, type Origin, type Reading, type Unknown } from '../reading.ts';
import type { PemBlock } from '../reduced-pem.ts';
import { refKey } from '../subject.ts';
import { podOf } from './pod.ts';

/** The placeholder PEMs that a controller pod shows to `haproxy -c`. */
export interface Placeholder {
  /** Container that runs `haproxy -c`. */
  readonly container: string;
  /** Path of that container in its object. */
  readonly containerPath: string;
  /** Minor release, `3.2`, as the tag of the controller's image tells it. */
  readonly haproxyVersion?: string;
  /** `guide`: what the snippet names was not seen, so the guide's paths are taken for it. */
  readonly pathsFrom: 'snippet' | 'guide';
  /** The paths that rendered configurations name. */
  readonly expected: readonly ExpectedFile[];
  /** Every ConfigMap that the container mounts. */
  readonly mounts: readonly PlaceholderMount[];
  /** A ConfigMap of the namespace that has files of these names, mounted or not; absent: none was seen. */
  readonly candidate?: ObjectRef;
  /** Mounts of placeholder ConfigMaps where HAProxy pods keep their real certificates. */
  readonly shadows: readonly Shadow[];
  /** Whether the published configuration has `daemon` in its global section; absent: not seen. */
  readonly daemon?: boolean;
}

export interface ExpectedFile {
  readonly role: 'certificate' | 'key' | 'bundle';
  readonly path: string;
  /** Absent: no volume is mounted there, its ConfigMap does not exist, or has no such key. */
  readonly file: Reading<PlaceholderFile>;
}

export interface PlaceholderFile {
  readonly configMap: ObjectRef;
  readonly key: string;
  readonly blocks: readonly PemBlock[];
  /** Those of `blocks` that load, in the same order. */
  readonly certificates: readonly Certificate[];
  /** Octal mode that the kubelet gives the file. */
  readonly mode: number;
  readonly subPath: boolean;
  readonly origin: Origin;
  /** Last change of the data, epoch milliseconds, from managedFields. */
  readonly changedAt?: number;
}

export interface PlaceholderMount {
  readonly path: string;
  readonly volume: string;
  readonly field: string;
  readonly configMap: ObjectRef;
  readonly subPath: boolean;
  /** File names in the mounted directory; unknown when the ConfigMap was not seen. */
  readonly files: Reading<readonly string[]>;
}

export interface Shadow {
  readonly workload: ObjectRef;
  readonly container: string;
  readonly path: string;
  readonly configMap: ObjectRef;
  readonly origin: Origin;
}

/** What the controller, HAProxyTemplateConfig and HAProxyCfg say about the last validation. */
export interface Validation {
  readonly state: 'valid' | 'invalid' | 'unknown';
  /** Current errors, newest first. */
  readonly errors: readonly ValidationError[];
  /** Newest success, epoch milliseconds. */
  readonly validAt?: number;
  /** False when neither objects nor logs could be read: `unknown` then means nothing was seen. */
  readonly seen: boolean;
  /** The sources that could not be read, where others could: an error may stand there. */
  readonly unseen: readonly UnseenSource[];
}

export interface UnseenSource {
  readonly what: string;
  readonly because: Unknown;
}

export interface ValidationError {
  readonly text: string;
  /** Epoch milliseconds; absent when the source does not say. */
  readonly at?: number;
  readonly from: Origin;
}

/** Absent when no container of the pod is HAPTIC's controller. */
export const placeholder: FactReader<Placeholder> = {
  gather: ['pods', 'config-maps', 'haptic-config', 'haproxy-cfg'],
  read: (world, subject) =>
    world.memo(`placeholder ${refKey(subject.ref)}`, () =>
      chainReading(podOf(world, subject), (pod, from) => {
        const container = pod.containers.find(({ role }) => role === 'controller');
        if (!container) return absent('container', 'a container that runs the HAPTIC controller', from);
        return known(readPlaceholder(world, subject, pod, container), from);
      }),
    ),
};

export const validation: FactReader<Validation> = {
  gather: ['pods', 'haptic-config', 'haproxy-cfg', 'controller-logs'],
  read: (world, subject) => world.memo(`validation ${refKey(subject.ref)}`, () => readValidation(world, subject)),
};
