import { discover } from '../evidence/discovery.ts';
import { factReaders } from '../evidence/facts/index.ts';
import type { ObjectRef, Reading, Unknown } from '../evidence/reading.ts';
import type { Snapshot } from '../evidence/snapshot.ts';
import { type Subject, sameRef } from '../evidence/subject.ts';
import { World } from '../evidence/world.ts';
import { ancestorsOf, inOrder } from './after.ts';
import { CannotRun } from './cannot-run.ts';
import type { AnyExamination, Check, Moment } from './check.ts';
import { compose } from './compose.ts';
import { examineSubject, type Outcome } from './examine.ts';
import { holdPods } from './hold-pods.ts';
import { withReleasesOutOfSight } from './out-of-sight.ts';
import type { DoctorReport } from './report.ts';
import { type Examined, settle } from './results.ts';
import { chooseSubjects, excuseOf, ingressesUnseen, intentUnseen, podsUnseen, type SubjectFilter } from './subjects.ts';

/** What to judge and how to report it; everything that is not in the snapshot. */
export interface JudgeOptions {
  readonly checks: readonly Check[];
  /** Ids of the checks to report; their ancestors are judged too. Absent: all. */
  readonly selected?: readonly string[];
  readonly filter?: SubjectFilter;
  readonly failOn: 'fail' | 'warn' | 'never';
  /** `*`, a check id, or `check:why`. */
  readonly allowUnknown: readonly string[];
  /** Annotation key given by the user; absent: from the snippet. */
  readonly annotation?: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly docsBase: string;
  readonly guideBase: string;
  /** `snapshot` when the snapshot was read from a file. */
  readonly sourceKind?: 'snapshot';
  /** Wall clock at the end of judging and time since the start of the run, for metadata only. */
  readonly generatedAt: number;
  readonly durationMs: number;
  /** Told each fact that a check looks at. */
  readonly onTouch?: (check: string, fact: string) => void;
}

/** Judges a snapshot. Throws `CannotRun` when there is nothing to judge (no HAPTIC, unknown release or pod). */
export function judge(snapshot: Snapshot, options: JudgeOptions): DoctorReport {
  const world = new World(snapshot, options.annotation === undefined ? {} : { annotation: options.annotation });
  const selected = new Set(options.selected ?? options.checks.map(({ id }) => id));
  const needed = new Set([...selected].flatMap((id) => [id, ...ancestorsOf(id, options.checks)]));
  const checks = inOrder(options.checks).filter(({ id }) => needed.has(id));
  const subjects = chooseSubjects(world, options.filter ?? {});
  const nothing =
    whyNothing(world, subjects, options.filter?.namespace) ??
    (options.filter?.pods === undefined ? undefined : podsUnseen(world, subjects));
  // With thousands of results, what each step leaves behind must not outlast it.
  const examined = () => {
    const outcomes = examineEach(subjects, checks, world, options);
    return checks.map((check) => examinedBy(check, subjects, outcomes, world, nothing));
  };
  const results = holdPods(settle(withReleasesOutOfSight(examined(), subjects)));
  return compose(results, subjects, selected, world, options);
}

/** When no HAPTIC was found: exit 3 if that is certain, else the reason why it is not. */
function whyNothing(world: World, subjects: readonly Subject[], namespace: string | undefined): Unknown | undefined {
  const { installations } = discover(world);
  if (installations.length > 0) {
    if (subjects.length === 0)
      throw new CannotRun('no HAPTIC release matches the given namespace, release and selector');
    const inScope = installations.filter(({ ref }) =>
      subjects.some(({ installation }) => installation && sameRef(ref, installation)),
    );
    if (inScope.every((one) => one.intent.length === 0 && !intentUnseen(world, one))) {
      const names = inScope.map((one) => `${one.namespace}/${one.release}`).join(', ');
      throw new CannotRun(
        `nothing shows that mTLS by SPIFFE is wanted (HAPTIC found: ${names}); there is no snippet, annotated Ingress, spiffe-helper, CSI volume or placeholder to examine`,
      );
    }
    return undefined;
  }
  const kinds = ['Deployment', 'DaemonSet', ...(world.fromFiles ? [] : ['Pod', 'HAProxyTemplateConfig'])];
  const refusal = kinds
    .map((kind) => world.list(kind, namespace).rest)
    .find((rest) => rest !== undefined && rest.why !== 'not-in-files');
  if (refusal) return refusal;
  throw new CannotRun(
    world.fromFiles
      ? 'no HAPTIC found in these files: no workload runs HAProxy with HAPTIC’s agent, a spiffe-helper, or selected by a HAProxyTemplateConfig'
      : 'no HAPTIC found: no workload runs HAProxy with HAPTIC’s agent, a spiffe-helper, or selected by a HAProxyTemplateConfig; try -n NAMESPACE or another --context',
  );
}

type Outcomes = ReadonlyMap<AnyExamination, ReadonlyMap<Subject, Outcome>>;

/** All checks on one subject after the other, so that what was read of it is needed no longer than for itself. */
function examineEach(
  subjects: readonly Subject[],
  checks: readonly Check[],
  world: World,
  { onTouch }: JudgeOptions,
): Outcomes {
  const moment: Moment = { now: world.now, fromFiles: world.fromFiles };
  const outcomes = new Map<AnyExamination, Map<Subject, Outcome>>();
  for (const check of checks) for (const one of check.examinations) outcomes.set(one, new Map());
  for (const subject of subjects) {
    const excuse = excuseOf(world, subject);
    const readings = new Map<string, Reading<unknown>>();
    for (const check of checks) {
      for (const examination of check.examinations) {
        if (examination.subject !== subject.type) continue;
        const outcome =
          excuse ??
          examineSubject(check, examination, subject, {
            world,
            readers: factReaders[examination.subject],
            readings,
            moment,
            ...(onTouch ? { onTouch: (fact: string) => onTouch(check.id, fact) } : {}),
          });
        outcomes.get(examination)?.set(subject, outcome);
      }
    }
  }
  return outcomes;
}

/** `nothing` says why there is nobody to examine. */
function examinedBy(
  check: Check,
  subjects: readonly Subject[],
  all: Outcomes,
  world: World,
  nothing: Unknown | undefined,
): Examined {
  const outcomes = check.examinations.flatMap((examination) => {
    const found = [...(all.get(examination) ?? [])].map(([subject, outcome]) => ({ subject, outcome }));
    return found.length === 0 && examination.subject === 'ingress' ? ingressesUnseen(world, subjects) : found;
  });
  if (outcomes.length > 0) return { check, outcomes };
  // Silence would look like health: a check without any subject says so, once an installation.
  const installations = subjects.filter(({ type }) => type === 'installation');
  const stand: readonly Subject[] =
    installations.length > 0 ? installations : [{ type: 'cluster', ref: clusterRef(world) }];
  const wanted = check.examinations.map(({ subject }) => subject).join(' or ');
  const ignorance = nothing ?? { why: 'no-subject' as const, detail: `no ${wanted} was found to examine` };
  return {
    check,
    outcomes: stand.map((subject) => ({
      subject,
      outcome: excuseOf(world, subject) ?? { state: 'unknown', ignorance, unseen: [] },
    })),
  };
}

function clusterRef(world: World): ObjectRef {
  const { source } = world.snapshot;
  return {
    kind: 'Cluster',
    name: source.kind === 'live' ? (source.context ?? source.server ?? 'unknown') : source.kind,
  };
}
