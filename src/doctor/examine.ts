import type { FactReader } from '../evidence/catalogue.ts';
import { isSkip, type RbacRule, type Reading, unknown, type Why } from '../evidence/reading.ts';
import type { Subject } from '../evidence/subject.ts';
import type { World } from '../evidence/world.ts';
import {
  type AnyExamination,
  type Basis,
  type Check,
  type DoesNotApply,
  type Finding,
  type Judged,
  type Judgement,
  type Moment,
  type NoEnd,
  type Outage,
  type Unseen,
  unseenOf,
} from './check.ts';
import { podsUnseen } from './subjects.ts';

/** What one check found out about one subject, before the others are taken into account. */
export type Outcome =
  | {
      readonly state: 'judged';
      readonly findings: readonly Finding[];
      readonly basis: Basis;
      readonly unseen: readonly Unseen[];
      readonly cannotTell?: Ignorance;
      readonly outage?: Outage | NoEnd;
    }
  | {
      readonly state: 'unknown';
      readonly ignorance: Ignorance;
      readonly unseen: readonly Unseen[];
      readonly outage?: Outage | NoEnd;
    }
  | { readonly state: 'skipped'; readonly why: Why; readonly detail: string }
  | { readonly state: 'crashed'; readonly detail: string };

export interface Ignorance {
  readonly why: Why;
  readonly detail: string;
  readonly rule?: RbacRule;
}

type Readers = Readonly<Record<string, FactReader<unknown>>>;

interface Options {
  readonly world: World;
  readonly readers: Readers;
  /** Facts about the subject that another check has looked at already. */
  readonly readings: Map<string, Reading<unknown>>;
  readonly moment: Moment;
  /** Told each fact that a check looks at; for the test that compares it with what the check declares. */
  readonly onTouch?: (fact: string) => void;
}

/** Runs one examination on one subject. A throwing check is one crashed result; the rest of the run is not touched. */
export function examineSubject(check: Check, examination: AnyExamination, subject: Subject, options: Options): Outcome {
  try {
    const evidence = gatherEvidence(examination, subject, options);
    for (const need of examination.needs) {
      const reading = evidence.read(need);
      if (reading.state === 'unknown') return ignorant(reading, []);
    }
    // The compiler checked the evidence's type where the check was defined; here only its names are known.
    const applies = examination.applies as ((evidence: unknown) => DoesNotApply | undefined) | undefined;
    const excuse = applies?.(evidence.view);
    if (excuse) return { state: 'skipped', why: excuse.why, detail: excuse.detail };
    const judgeEvidence = examination.judge as (evidence: unknown, at: Moment) => Judgement;
    return withPodsUnseen(settle(judgeEvidence(evidence.view, options.moment)), subject, options.world);
  } catch (error) {
    const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { state: 'crashed', detail: `${check.id} crashed on ${subject.ref.kind} ${subject.ref.name}: ${words}` };
  }
}

function settle(judgement: Judgement): Outcome {
  const judged: Judged = isList(judgement) ? { findings: judgement } : judgement;
  const { findings, basis = 'declared', unseen = [], cannotTell, outage } = judged;
  if (cannotTell && findings.length === 0) return ignorant(cannotTell, unseen, outage);
  return {
    state: 'judged',
    findings,
    basis,
    unseen,
    ...(cannotTell ? { cannotTell } : {}),
    ...(outage === undefined ? {} : { outage }),
  };
}

/** A workload stands for pods: where they could not be listed, it is judged without what only they show. */
function withPodsUnseen(outcome: Outcome, subject: Subject, world: World): Outcome {
  if (
    (outcome.state !== 'judged' && outcome.state !== 'unknown') ||
    subject.ref.kind === 'Pod' ||
    !subject.type.endsWith('-pod')
  )
    return outcome;
  const rest = podsUnseen(world, [subject]);
  if (rest === undefined || world.fromFiles) return outcome;
  return {
    ...outcome,
    unseen: [...outcome.unseen, ...unseenOf(`the pods of ${subject.ref.kind} ${subject.ref.name}`, rest)],
  };
}

function isList(judgement: Judgement): judgement is readonly Finding[] {
  return Array.isArray(judgement);
}

function ignorant(reading: Ignorance, unseen: readonly Unseen[], outage?: Outage | NoEnd): Outcome {
  const { why, detail, rule } = reading;
  if (isSkip(why)) return { state: 'skipped', why, detail };
  const ignorance = rule ? { why, detail, rule } : { why, detail };
  return { state: 'unknown', ignorance, unseen, ...(outage === undefined ? {} : { outage }) };
}

interface LazyEvidence {
  readonly view: object;
  readonly read: (fact: string) => Reading<unknown>;
}

/** Facts are read when they are looked at, once for all checks. */
function gatherEvidence(
  examination: AnyExamination,
  subject: Subject,
  { world, readers, readings, onTouch }: Options,
): LazyEvidence {
  const read = (fact: string): Reading<unknown> => {
    const before = readings.get(fact);
    if (before) return before;
    const reader = readers[fact];
    const reading = reader ? reader.read(world, subject) : unknown('no-evidence', `no fact is called ${fact}`);
    readings.set(fact, reading);
    return reading;
  };
  const view = {};
  for (const fact of [...examination.needs, ...examination.wants]) {
    Object.defineProperty(view, fact, {
      enumerable: true,
      get: () => {
        onTouch?.(fact);
        return read(fact);
      },
    });
  }
  return { view, read };
}
