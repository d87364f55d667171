/**
 * Why something could not be looked at, or does not apply. The first group makes a result `unknown`,
 * the second group makes it `skipped`.
 */
export type Why =
  | 'forbidden'
  | 'unauthorized'
  | 'timeout'
  | 'deadline'
  | 'interrupted'
  | 'server-error'
  | 'no-shell'
  | 'no-answer'
  | 'not-running'
  | 'not-scheduled'
  | 'too-young'
  | 'rotating'
  | 'truncated'
  | 'unreadable'
  | 'not-in-files'
  | 'switched-off'
  | 'no-subject'
  | 'no-evidence'
  | SkipWhy;

/** Reasons that end in `skipped`: the question does not arise, or this kind of source can never answer it. */
export type SkipWhy = 'needs-live' | 'nothing-uses-it' | 'no-mtls-intent' | 'gone' | 'node-not-ready';

const SKIPS: readonly Why[] = ['needs-live', 'nothing-uses-it', 'no-mtls-intent', 'gone', 'node-not-ready'];

/** True for the reasons that make a result `skipped` rather than `unknown`. */
export function isSkip(why: Why): why is SkipWhy {
  return SKIPS.includes(why);
}

/** One permission, in the words of RBAC; what a 403 asks for. */
export interface RbacRule {
  readonly verb: string;
  /** API group, '' for the core group. */
  readonly group: string;
  /** Plural resource, with its subresource after a slash (`pods/exec`). */
  readonly resource: string;
  /** Absent for cluster-scoped resources and for lists across all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
}

/** Names one API object. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Where a piece of evidence was read, precise enough for a person to look at the same place. */
export interface Origin {
  readonly object?: ObjectRef;
  /** A path inside the object (`spec.containers[2].image`), a file in a pod, a log, or a question put to HAProxy. */
  readonly field?: string;
  /** The manifest file, when the object came from a file. */
  readonly file?: string;
  /** 1-based line in `file`, or in the text named by `field`. */
  readonly line?: number;
  /** When it was observed, RFC 3339 UTC. */
  readonly at?: string;
}

export interface Known<T> {
  readonly state: 'known';
  readonly value: T;
  readonly from: Origin;
}

/** We looked, and it is not there. */
export interface Absent {
  readonly state: 'absent';
  readonly missing: 'object' | 'key' | 'field' | 'mount' | 'file' | 'container' | 'line';
  /** What is missing, in words that can be shown. */
  readonly what: string;
  readonly from: Origin;
}

/** We could not look. */
export interface Unknown {
  readonly state: 'unknown';
  readonly why: Why;
  /** What would help, or what the other side said. */
  readonly detail: string;
  readonly rule?: RbacRule;
}

/** A piece of evidence that knows what it does not know. */
export type Reading<T> = Known<T> | Absent | Unknown;

/** A reading that was looked at. */
export type Seen<T> = Known<T> | Absent;

export function known<T>(value: T, from: Origin): Known<T> {
  return { state: 'known', value, from };
}

export function absent(missing: Absent['missing'], what: string, from: Origin): Absent {
  return { state: 'absent', missing, what, from };
}

export function unknown(why: Why, detail: string, rule?: RbacRule): Unknown {
  return rule ? { state: 'unknown', why, detail, rule } : { state: 'unknown', why, detail };
}

/** Applies `change` to a known value and leaves the other two states as they are. */
export function mapReading<T, U>(reading: Reading<T>, change: (value: T) => U): Reading<U> {
  return reading.state === 'known' ? known(change(reading.value), reading.from) : reading;
}

/** Like `mapReading`, for a change that may itself end in absence or ignorance. */
export function chainReading<T, U>(reading: Reading<T>, change: (value: T, from: Origin) => Reading<U>): Reading<U> {
  return reading.state === 'known' ? change(reading.value, reading.from) : reading;
}

/** The value, or `fallback` when it is not known. Only for evidence whose absence changes nothing. */
export function valueOr<T, F>(reading: Reading<T>, fallback: F): T | F {
  return reading.state === 'known' ? reading.value : fallback;
}
