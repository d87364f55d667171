import type { Catalogue, FactName, SubjectType } from '../evidence/catalogue.ts';
import type { Json, JsonObject } from '../evidence/json.ts';
import type { ObjectRef, Origin, Reading, Seen, Unknown, Why } from '../evidence/reading.ts';

/** In the order in which a certificate travels. */
export const STAGES = [
  'access',
  'spire',
  'registration',
  'workload-api',
  'helper',
  'files',
  'identity',
  'haproxy',
  'backend',
  'controller',
] as const;
export type Stage = (typeof STAGES)[number];

export type Severity = 'warn' | 'fail';
/** Whether a finding stands by itself or only follows from something earlier on the way. */
export type Role = 'cause' | 'symptom';
/** `latent`: what runs still works and will break at its next restart or rotation. */
export type Phase = 'active' | 'latent';
export type Basis = 'declared' | 'observed';

/** Values that a message's template may name; what came from the cluster is escaped where it is printed. */
export type MessageData = Readonly<Record<string, Json>>;

/** A message is data: tests compare its id, so its wording can improve freely. */
export interface Message {
  readonly role: Role;
  readonly severity: Severity;
  /** One or two sentences with `{name}` for the values of the finding's data. Name the evidence. */
  readonly text: string;
  /** What must not be done, templates like `text`. */
  readonly avoid?: readonly string[];
  /** Anchor on the check's page; the message id unless said otherwise. */
  readonly anchor?: string;
  /** While it stands a new HAProxy pod would get no SVID, so that no other finding's fix replaces pods. */
  readonly starvesNewPods?: boolean;
}

/** A kubectl call as words: the report quotes them and adds `--context`. */
export interface KubectlCommand {
  readonly namespace?: string;
  /** Words after `kubectl`, unquoted: `['rollout', 'restart', 'deployment/haptic-haproxy']`. */
  readonly args: readonly string[];
  /** What kubectl reads from its standard input, for `apply -f -`, `create -f -` and `--patch-file=/dev/stdin`. */
  readonly stdin?: StandardInput;
}

export interface StandardInput {
  /** An object, or the body of a patch; shown as YAML. */
  readonly document: JsonObject;
  /** Keys of the document's `data` that get parts of one self-signed certificate and its key, made as the command runs:
   * the key stands in no command line and in no file. */
  readonly dummyPem?: Readonly<Record<string, DummyPart>>;
}

/** `certificate-and-key` is one PEM with both, key first. */
export type DummyPart = 'certificate' | 'key' | 'certificate-and-key';

/** What to do about a finding, before the report adds context, owner and quoting. */
export interface Fix {
  /** One imperative sentence. */
  readonly summary: string;
  /** Run in this order. */
  readonly commands?: readonly KubectlCommand[];
  readonly patch?: {
    readonly target: ObjectRef;
    readonly type: 'json' | 'merge' | 'strategic';
    readonly body: Json;
  };
  /** An edit of a text: in a manifest file, or in a value of an object (then `file` names `Kind ns/name, field`). */
  readonly edit?: { readonly file: string; readonly line?: number; readonly before?: string; readonly after: string };
  /** The Helm value, manifest or setting that makes the change last. */
  readonly durable?: string;
  readonly impact: 'none' | 'reload' | 'rollout' | 'cluster-wide';
  readonly preconditions?: readonly string[];
  readonly undo?: string;
  /** Why no command can do it. */
  readonly manual?: string;
}

export interface Evidence {
  readonly from: Origin;
  /** What it says there, as short as proves the point. */
  readonly excerpt?: string;
}

export interface Finding {
  /** Key of the check's `messages`. */
  readonly message: string;
  readonly data: MessageData;
  /** The object to change. */
  readonly culprit: ObjectRef;
  readonly evidence: readonly Evidence[];
  readonly phase?: Phase;
  /** Override the message's own where the evidence decides it. */
  readonly severity?: Severity;
  readonly role?: Role;
  readonly starvesNewPods?: boolean;
  readonly fix?: Fix;
  readonly avoid?: readonly string[];
  /** Since when, epoch milliseconds. */
  readonly since?: number;
}

/** When something in the chain will stop working if nothing changes. */
export interface Outage {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly because: string;
}

/** `none`: nothing in this link ends. `not-begun`: what would end has never arrived. */
export type NoEnd = 'none' | 'not-begun';

export interface Unseen {
  readonly what: string;
  readonly why: Why;
}

/** What `judge` returns; an empty list is `ok`. */
export type Judgement = readonly Finding[] | Judged;

export interface Judged {
  readonly findings: readonly Finding[];
  /** Defaults to `declared`. */
  readonly basis?: Basis;
  /** Makes a result without findings `unknown` or `skipped`; beside findings it is listed. */
  readonly cannotTell?: Unknown;
  /** What would have helped and was not seen, without changing the state. */
  readonly unseen?: readonly Unseen[];
  /** When this link breaks if nothing changes; absent: not this check's business. */
  readonly outage?: Outage | NoEnd;
}

/** Nothing was found, and what could not be read prevents an `ok`. */
export function cannotTell(reading: Unknown, findings: readonly Finding[] = []): Judged {
  return { findings, cannotTell: reading };
}

/** For `applies`: the check has nothing to say about this subject. */
export interface DoesNotApply {
  readonly why: Why;
  readonly detail: string;
}

export function unseenOf(what: string, reading: Reading<unknown>): readonly Unseen[] {
  return reading.state === 'unknown' ? [{ what, why: reading.why }] : [];
}

/** Time for a judgement: the clock at which this subject's evidence was observed. */
export interface Moment {
  /** Epoch milliseconds by the API server's clock (files: the injected clock). */
  readonly now: number;
  /** True when the evidence comes from files: fixes are edits of these files, and nothing runs. */
  readonly fromFiles: boolean;
}

/** `judge` sees the declared needs as seen readings, the wants as readings that may be unknown, and nothing else. */
export type EvidenceFor<S extends SubjectType, N extends FactName<S>, W extends FactName<S>> = {
  readonly [K in N]: K extends keyof Catalogue[S] ? Seen<Catalogue[S][K]> : never;
} & { readonly [K in W]: K extends keyof Catalogue[S] ? Reading<Catalogue[S][K]> : never };

export interface Examination<
  S extends SubjectType = SubjectType,
  N extends FactName<S> = never,
  W extends FactName<S> = never,
> {
  readonly subject: S;
  /** Without these there is no judgement: an unknown one makes the result unknown (or skipped). */
  readonly needs: readonly N[];
  /** These help: they arrive as readings. */
  readonly wants: readonly W[];
  /** Says why the check has nothing to say about this subject; undefined: it applies. */
  readonly applies?: (evidence: EvidenceFor<S, N, W>) => DoesNotApply | undefined;
  readonly judge: (evidence: EvidenceFor<S, N, W>, at: Moment) => Judgement;
}

/** An examination whose evidence types are no longer known to the compiler; the engine's view. */
export interface AnyExamination {
  readonly subject: SubjectType;
  readonly needs: readonly string[];
  readonly wants: readonly string[];
  readonly applies?: (evidence: never) => DoesNotApply | undefined;
  readonly judge: (evidence: never, at: Moment) => Judgement;
}

export interface Check {
  /** Equals the folder's name, the page's name, and what `--check` takes. */
  readonly id: string;
  /** The good state as a sentence. */
  readonly title: string;
  readonly stage: Stage;
  /** Heading of the HAPTIC guide that deals with it. */
  readonly guide: string;
  /** Checks that must be good, on this subject or one it is related to, for this one's symptoms to mean anything. */
  readonly after: readonly string[];
  readonly messages: Readonly<Record<string, Message>>;
  /** One per type of subject. */
  readonly examinations: readonly AnyExamination[];
}

interface CheckHead {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly guide: string;
  readonly after: readonly string[];
  readonly messages: Readonly<Record<string, Message>>;
}

/** A check that looks at one type of subject. Further types go into `also`, made by `examine`. */
export function defineCheck<
  const S extends SubjectType,
  const N extends FactName<S> = never,
  const W extends FactName<S> = never,
>(check: CheckHead & Examination<S, N, W> & { readonly also?: readonly AnyExamination[] }): Check {
  const { id, title, stage, guide, after, messages, also = [], ...examination } = check;
  return { id, title, stage, guide, after, messages, examinations: [examination, ...also] };
}

/** The part of a check that looks at another type of subject. */
export function examine<
  const S extends SubjectType,
  const N extends FactName<S> = never,
  const W extends FactName<S> = never,
>(examination: Examination<S, N, W>): AnyExamination {
  return examination;
}
