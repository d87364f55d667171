import type { ObjectRef } from '../evidence/reading.ts';
import type { World } from '../evidence/world.ts';
import type { Check, Evidence, Finding } from './check.ts';
import { docsLink, guideLink } from './docs-link.ts';
import { finishFix } from './finish-fix.ts';
import { originText } from './origin-text.ts';
import type { ReportEvidence, ReportFinding, Result, RootCause } from './report.ts';
import { type Settled, severityOf } from './results.ts';
import type { CauseGroup } from './root-causes.ts';
import { fillTemplate } from './template.ts';

interface Parts {
  readonly world: World;
  readonly context: string | undefined;
  readonly docsBase: string;
  readonly guideBase: string;
  /** Those of checks that were reported before: there are thousands of results. */
  readonly links: Map<Check, Links>;
}

/** Most results have nothing to list, and thousands of empty lists are megabytes. */
const NONE: readonly never[] = [];

/** A result as the report shows it. */
export function reportResult(result: Settled, selected: boolean, parts: Parts): Result {
  const { check, subject, state, basis, findings, unseen, blockedBy, why, detail, rule } = result;
  return {
    check: check.id,
    stage: check.stage,
    subject: plainRef(subject.ref),
    selected,
    state,
    ...(basis !== undefined && (state === 'ok' || state === 'warn' || state === 'fail') ? { basis } : {}),
    findings: findings.length === 0 ? NONE : findings.map((finding) => reportFinding(check, finding, parts)),
    unseen,
    blockedBy:
      blockedBy.length === 0
        ? NONE
        : blockedBy.map((root) => ({ check: root.check.id, subject: plainRef(root.subject.ref) })),
    why,
    detail,
    ...(rule ? { rule } : {}),
    ...linksOf(check, parts),
  };
}

type Links = Pick<Result, 'docs' | 'guide'>;

function linksOf(check: Check, { links, docsBase, guideBase }: Parts): Links {
  const before = links.get(check);
  if (before !== undefined) return before;
  const made = { docs: docsLink(docsBase, check.id), guide: guideLink(guideBase, check.guide) };
  links.set(check, made);
  return made;
}

/** A group of findings as one root cause; its text, evidence and fix are those of the first subject. */
export function reportCause(group: CauseGroup, parts: Parts): RootCause {
  const { result, severity, phase, certainty, unseenUpstream, subjects, of } = group;
  const finding = reportFinding(result.check, group.finding, parts);
  return {
    check: result.check.id,
    message: finding.message,
    severity,
    phase,
    certainty,
    unseenUpstream,
    culprit: finding.culprit,
    subjects: subjects.map(({ ref }) => plainRef(ref)),
    affected: { n: subjects.length, of },
    text: finding.text,
    ...(finding.since === undefined ? {} : { since: finding.since }),
    evidence: finding.evidence,
    ...(finding.fix ? { fix: finding.fix } : {}),
    avoid: finding.avoid,
    docs: finding.docs,
    guide: finding.guide,
  };
}

function reportFinding(check: Check, finding: Finding, { world, context, docsBase, guideBase }: Parts): ReportFinding {
  const message = check.messages[finding.message];
  if (!message) throw new Error(`${check.id} has no message called ${finding.message}`);
  const avoid = [...(message.avoid ?? []), ...(finding.avoid ?? [])];
  return {
    message: finding.message,
    severity: severityOf(check, finding),
    phase: finding.phase ?? 'active',
    text: fillTemplate(message.text, finding.data),
    data: finding.data,
    culprit: plainRef(finding.culprit),
    ...(finding.since === undefined ? {} : { since: new Date(finding.since).toISOString() }),
    evidence: finding.evidence.map(reportEvidence),
    ...(finding.fix ? { fix: finishFix(finding.fix, finding.culprit, world, context) } : {}),
    avoid: avoid.map((text) => fillTemplate(text, finding.data)),
    docs: docsLink(docsBase, check.id, message.anchor ?? finding.message),
    guide: guideLink(guideBase, check.guide),
  };
}

function reportEvidence({ from, excerpt }: Evidence): ReportEvidence {
  return excerpt === undefined ? { from: originText(from) } : { from: originText(from), excerpt };
}

const plain = new WeakMap<ObjectRef, ObjectRef>();

/** One for all results about a subject. */
function plainRef(ref: ObjectRef): ObjectRef {
  const before = plain.get(ref);
  if (before) return before;
  const { kind, namespace, name } = ref;
  const made = namespace === undefined ? { kind, name } : { kind, namespace, name };
  plain.set(ref, made);
  return made;
}
