import type { Json } from '../evidence/json.ts';
import type { ObjectRef, RbacRule, Why } from '../evidence/reading.ts';
import type { RequestCounts } from '../evidence/snapshot.ts';
import type { Basis, Phase, Severity, Stage } from './check.ts';

/** The one document that every format renders; `doctor-report.schema.json` describes its JSON. Times are RFC 3339 UTC. */
export interface DoctorReport {
  readonly apiVersion: 'haptic-spire.dev/v1';
  readonly kind: 'DoctorReport';
  readonly metadata: ReportMetadata;
  readonly verdict: Verdict;
  readonly exitCode: ExitCode;
  /** Counts the results of selected checks. */
  readonly summary: Readonly<Record<ResultState, number>>;
  readonly timeToOutage: TimeToOutage;
  readonly rootCauses: readonly RootCause[];
  readonly results: readonly Result[];
  readonly notCollected: readonly {
    readonly what: string;
    readonly why: Why;
    readonly detail: string;
    readonly rule?: RbacRule;
  }[];
}

export type Verdict = 'healthy' | 'degraded' | 'broken' | 'inconclusive';
export type ExitCode = 0 | 1 | 2 | 3 | 130;
export const RESULT_STATES = ['ok', 'warn', 'fail', 'blocked', 'unknown', 'skipped', 'crashed'] as const;
export type ResultState = (typeof RESULT_STATES)[number];

export interface ReportMetadata {
  readonly tool: { readonly name: string; readonly version: string };
  readonly generatedAt: string;
  readonly durationMs: number;
  readonly source: {
    readonly kind: 'live' | 'manifests' | 'snapshot' | 'demo';
    readonly context?: string;
    readonly server?: string;
    readonly observedAt: string;
    /** For files: --complete. For live: nothing was cut off by a deadline or an interruption. */
    readonly complete: boolean;
  };
  readonly requests: RequestCounts;
  readonly notes: readonly string[];
}

export type TimeToOutage =
  | {
      readonly state: 'known';
      readonly at: string;
      readonly seconds: number;
      readonly because: string;
      readonly subject: SubjectRef;
    }
  | { readonly state: 'none' | 'unknown'; readonly because: string };

export interface SubjectRef extends ObjectRef {
  readonly container?: string;
}

export interface RootCause {
  readonly check: string;
  readonly message: string;
  readonly severity: Severity;
  readonly phase: Phase;
  readonly certainty: 'proven' | 'earliest-seen';
  /** Checks upstream that could not be looked at. */
  readonly unseenUpstream: readonly string[];
  readonly culprit: ObjectRef;
  readonly subjects: readonly SubjectRef[];
  readonly affected: { readonly n: number; readonly of: number };
  readonly text: string;
  readonly since?: string;
  readonly evidence: readonly ReportEvidence[];
  readonly fix?: ReportFix;
  readonly avoid: readonly string[];
  readonly docs: string;
  readonly guide: string;
}

export interface Result {
  readonly check: string;
  readonly stage: Stage;
  readonly subject: SubjectRef;
  readonly selected: boolean;
  readonly state: ResultState;
  /** Only for ok, warn and fail. */
  readonly basis?: Basis;
  readonly findings: readonly ReportFinding[];
  readonly unseen: readonly { readonly what: string; readonly why: Why }[];
  readonly blockedBy: readonly { readonly check: string; readonly subject: SubjectRef }[];
  readonly why: Why | null;
  readonly detail: string | null;
  readonly rule?: RbacRule;
  readonly docs: string;
  readonly guide: string;
}

export interface ReportFinding {
  readonly message: string;
  readonly severity: Severity;
  readonly phase: Phase;
  readonly text: string;
  readonly data: Readonly<Record<string, Json>>;
  readonly culprit: ObjectRef;
  readonly since?: string;
  readonly evidence: readonly ReportEvidence[];
  readonly fix?: ReportFix;
  readonly avoid: readonly string[];
  readonly docs: string;
  readonly guide: string;
}

export interface ReportEvidence {
  /** `ConfigMap haptic/haptic-spiffe-helper-config, data["helper.conf"] line 9`. */
  readonly from: string;
  readonly excerpt?: string;
}

export interface ReportFix {
  readonly summary: string;
  /** Complete shell commands, quoted, with `--context` and `-n`; one that reads its input from itself has several lines. */
  readonly commands: readonly string[];
  readonly patch?: { readonly target: ObjectRef; readonly type: 'json' | 'merge' | 'strategic'; readonly body: Json };
  readonly edit?: { readonly file: string; readonly line?: number; readonly before?: string; readonly after: string };
  readonly durable?: string;
  readonly managedBy?: string;
  readonly impact: 'none' | 'reload' | 'rollout' | 'cluster-wide';
  readonly preconditions: readonly string[];
  readonly undo?: string;
  readonly manual?: string;
}
