import type { JsonObject } from './json.ts';
import type { ObjectRef, RbacRule, Why } from './reading.ts';

export const API_VERSION = 'haptic-spire.dev/v1';

/** What a run knows about the world: everything the checks may read, and everything that could not be read. */
export interface Snapshot {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'Snapshot';
  readonly tool: { readonly name: string; readonly version: string };
  /** End of gathering by the API server's clock, RFC 3339 UTC. */
  readonly observedAt: string;
  readonly source: SnapshotSource;
  readonly objects: readonly CollectedObject[];
  readonly coverage: readonly Coverage[];
  readonly logs: readonly CollectedLog[];
  readonly probes: readonly CollectedProbe[];
  readonly notCollected: readonly NotCollected[];
  readonly redactions: readonly Redaction[];
  readonly requests: RequestCounts;
  /** Sentences for the reader of the report that are about the gathering, not about the installation. */
  readonly notes: readonly string[];
}

export type SnapshotSource =
  | {
      readonly kind: 'live';
      readonly context?: string;
      readonly server?: string;
      readonly serverVersion?: string;
      /** True when the user interrupted the gathering. */
      readonly interrupted?: boolean;
    }
  | { readonly kind: 'manifests'; readonly files: readonly string[]; readonly complete: boolean }
  | { readonly kind: 'demo'; readonly story: string };

export interface RequestCounts {
  readonly list: number;
  readonly exec: number;
  readonly log: number;
  readonly other: number;
}

export interface CollectedObject {
  /** The body as the server or the file had it, reduced by the redaction gate. */
  readonly object: JsonObject;
  /** When it was read, by the API server's clock. */
  readonly at: string;
  readonly file?: string;
  /**
   * For objects from files: 1-based line of every field, keyed by `fieldPath`. A block scalar's line is that of its
   * first line of content.
   */
  readonly lines?: Readonly<Record<string, number>>;
}

/** A statement that everything of this description is among `objects`: what is not there does not exist. */
export interface Coverage {
  readonly kind: string;
  /** Absent: all namespaces, or the kind is cluster-scoped. */
  readonly namespace?: string;
  /** Present: only this object was asked for. */
  readonly name?: string;
}

export interface CollectedLog {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly at: string;
  /** Lines as `kubectl logs --timestamps` prints them: RFC 3339 time, space, text. Bounded. */
  readonly text: string;
  /** True when the bound cut the beginning off. */
  readonly truncated: boolean;
}

/** What the in-pod probe answered, one entry a question. */
export interface CollectedProbe {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** When the exec began, by the API server's clock. */
  readonly at: string;
  readonly answers: readonly ProbeAnswer[];
  /** False when the output ended before the probe said so. */
  readonly complete: boolean;
}

export interface ProbeAnswer {
  /** The question: `clock`, `stat`, `certificates`, `haproxy`, … (see src/evidence/probe/). */
  readonly id: string;
  /** What was asked about: a path, or a runtime-API command. */
  readonly argument: string;
  /** Exit status of the command that answered. */
  readonly status: number;
  readonly text: string;
}

/** Something that the run wanted and did not get. */
export interface NotCollected {
  readonly target: Target;
  readonly why: Why;
  readonly detail: string;
  readonly rule?: RbacRule;
}

export type Target =
  | { readonly what: 'objects'; readonly kind: string; readonly namespace?: string; readonly name?: string }
  | {
      readonly what: 'log';
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
      readonly previous: boolean;
    }
  | { readonly what: 'probe'; readonly namespace: string; readonly pod: string };

export interface Redaction {
  readonly object: ObjectRef;
  readonly field: string;
  /** Why it was taken out: `private-key`, `not-needed`, `credential`. */
  readonly reason: 'private-key' | 'not-needed' | 'credential';
}

/** `fieldPath('data', 'helper.conf')` is `data["helper.conf"]`; numbers are list positions. */
export function fieldPath(...segments: readonly (string | number)[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(segment)) path += path === '' ? segment : `.${segment}`;
    else path += `[${JSON.stringify(segment)}]`;
  }
  return path;
}
