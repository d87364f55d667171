import type { Change } from '../../scenario/case-file.ts';
import type { Testbed } from '../installation.ts';
import type { Platform } from '../platform.ts';
import type { HaproxyRelease, KubeObject } from '../seams.ts';
import type { Entrance } from '../traffic/targets.ts';

/** What differs from the healthy installation before anything starts. */
export interface Beginning {
  /** Edits of the objects that are applied. */
  readonly change?: readonly ObjectChange[];
  /** What edits of fields cannot say. */
  readonly objects?: (objects: KubeObject[]) => KubeObject[];
  readonly platform?: (platform: Platform) => void;
  readonly spire?: SpireBeginning;
}

export type ObjectChange = Extract<Change, { object: string } | { remove: string } | { add: unknown }>;

export interface SpireBeginning {
  /** How long SVIDs live, milliseconds; an hour unless given. */
  readonly lifetime?: number;
  /** How long ago they were issued, milliseconds; 20 minutes unless given. */
  readonly age?: number;
  /** Workload SVIDs come from an intermediate authority. */
  readonly nested?: true;
}

/** One thing that breaks, by name. */
export interface Fault extends Beginning {
  /** `socket-name-wrong`: what it is called on the command line. */
  readonly name: string;
  /** Entries of the failure-mode catalogue. */
  readonly ids: readonly string[];
  /** What is broken, one sentence. */
  readonly about: string;
  /** The release of HAProxy that is not at hand: what it did elsewhere is played back. */
  readonly replayed?: string;
  /** Happens while the installation runs and was healthy. */
  readonly happens?: (testbed: Testbed) => Promise<void>;
  /** The first root cause that the doctor has to name. */
  readonly expect: Expected;
  /** Further findings at `warn` or `fail` that are true as well, `check/message`; everything else is a false alarm. */
  readonly also?: readonly string[];
  readonly cure: Cure;
}

export interface Expected {
  readonly check: string;
  readonly message: string;
  /** `ConfigMap haptic/haptic-spiffe-helper-config`: the object to change. */
  readonly culprit: string;
  readonly phase?: 'active' | 'latent';
}

export type Cure =
  /** The commands that the doctor prints, run as they are. */
  | {
      readonly by: 'commands' /** The world goes on by itself after them: SPIRE rotates, say. */;
      readonly afterwards?: (testbed: Testbed) => Promise<void>;
    }
  /** No command can do it; people do what the summary says. */
  | { readonly by: 'hand'; readonly because: string; readonly hand: (testbed: Testbed) => Promise<void> };

/** An installation in which nothing is wrong, though it does not look like the base. */
export interface HealthyVariant extends Beginning {
  readonly name: string;
  readonly about: string;
  readonly happens?: (testbed: Testbed) => Promise<void>;
  /** Checks that cannot be judged there, and why that is right: `check: reason`. Nothing else may be unknown. */
  readonly unknown?: Readonly<Record<string, string>>;
  /** So many pods are not Ready, and why that is right; every pod is, unless given. */
  readonly unready?: { readonly pods: number; readonly because: string };
  /** Where clients are not served through the base's Service with a 200: through which they are, or what they get. */
  readonly clients?: { readonly entrance: Entrance } | { readonly get: string; readonly because: string };
  readonly haproxy?: HaproxyRelease;
}
