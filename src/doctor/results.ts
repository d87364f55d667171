import type { RbacRule, Why } from '../evidence/reading.ts';
import type { Subject } from '../evidence/subject.ts';
import type { Basis, Check, Finding, NoEnd, Outage, Unseen } from './check.ts';
import type { Ignorance, Outcome } from './examine.ts';
import { relate } from './relations.ts';
import type { ResultState } from './report.ts';

/** One check on one subject, settled against what comes before it on the certificate's way. */
export interface Settled {
  readonly check: Check;
  readonly subject: Subject;
  readonly state: ResultState;
  readonly findings: readonly Finding[];
  readonly basis?: Basis;
  readonly unseen: readonly Unseen[];
  /** Roots: results that fail by a finding of their own. */
  readonly blockedBy: readonly Settled[];
  readonly why: Why | null;
  readonly detail: string | null;
  readonly rule?: RbacRule;
  readonly outage?: Outage | NoEnd;
  /** Results of ancestors that bear on this one, directly or not. */
  readonly upstream: readonly Settled[];
}

/** A check's raw outcomes by subject. */
export interface Examined {
  readonly check: Check;
  readonly outcomes: readonly { readonly subject: Subject; readonly outcome: Outcome }[];
}

/**
 * Settles outcomes in check order (ancestors first): under a failed ancestor symptoms and unknowns become `blocked`,
 * causes stay. A latent failure blocks nothing, since what runs still works.
 */
export function settle(examined: readonly Examined[]): readonly Settled[] {
  const byCheck = new Map<string, Settled[]>();
  const related = new Map<string, (subject: Subject) => readonly Settled[]>();
  for (const { check, outcomes } of examined) {
    const settled = outcomes.map(({ subject, outcome }) => {
      const direct = check.after.flatMap((id) => related.get(id)?.(subject) ?? []);
      const upstream = unique([...direct, ...direct.flatMap((ancestor) => ancestor.upstream)]);
      const roots = upstream.filter((ancestor) =>
        ancestor.findings.some(
          (finding) => severityOf(ancestor.check, finding) === 'fail' && finding.phase !== 'latent',
        ),
      );
      return settleOne(check, subject, outcome, upstream, roots);
    });
    byCheck.set(check.id, settled);
    related.set(check.id, relate(settled));
  }
  return [...byCheck.values()].flat();
}

/** A finding's own severity, or its message's. */
export function severityOf(check: Check, finding: Finding): 'fail' | 'warn' {
  return finding.severity ?? check.messages[finding.message]?.severity ?? 'fail';
}

function settleOne(
  check: Check,
  subject: Subject,
  outcome: Outcome,
  upstream: readonly Settled[],
  roots: readonly Settled[],
): Settled {
  const base = { check, subject, upstream, blockedBy: [], findings: [], unseen: [], why: null, detail: null };
  // When it ends was seen all the same.
  const outage =
    (outcome.state === 'judged' || outcome.state === 'unknown') && outcome.outage !== undefined
      ? { outage: outcome.outage }
      : {};
  const blocked = (unseen: readonly Unseen[]): Settled => ({
    ...base,
    state: 'blocked',
    blockedBy: roots,
    unseen,
    ...outage,
  });
  switch (outcome.state) {
    case 'crashed':
      return { ...base, state: 'crashed', detail: outcome.detail };
    case 'skipped':
      return { ...base, state: 'skipped', why: outcome.why, detail: outcome.detail };
    case 'unknown':
      return roots.length > 0
        ? blocked(outcome.unseen)
        : { ...base, state: 'unknown', unseen: outcome.unseen, ...reasons(outcome.ignorance), ...outage };
    case 'judged': {
      const standing =
        roots.length === 0
          ? outcome.findings
          : outcome.findings.filter((finding) => (finding.role ?? check.messages[finding.message]?.role) === 'cause');
      if (roots.length > 0 && standing.length === 0 && (outcome.findings.length > 0 || outcome.cannotTell))
        return blocked(outcome.unseen);
      const worst = standing.some((finding) => severityOf(check, finding) === 'fail')
        ? 'fail'
        : standing.length > 0
          ? 'warn'
          : 'ok';
      const unseen = outcome.cannotTell
        ? [...outcome.unseen, { what: outcome.cannotTell.detail, why: outcome.cannotTell.why }]
        : outcome.unseen;
      return {
        ...base,
        // fail > warn > unknown > ok: what could not be seen stands beside findings.
        state: worst,
        findings: standing,
        basis: outcome.basis,
        unseen,
        ...outage,
      };
    }
  }
}

function reasons({ why, detail, rule }: Ignorance): { why: Why; detail: string; rule?: RbacRule } {
  return rule ? { why, detail, rule } : { why, detail };
}

/** Of one check on one subject there is one result. */
function unique(results: readonly Settled[]): readonly Settled[] {
  const seen = new Map<Subject, Check[]>();
  return results.filter(({ check, subject }) => {
    const checks = seen.get(subject);
    if (checks?.includes(check)) return false;
    if (checks) checks.push(check);
    else seen.set(subject, [check]);
    return true;
  });
}
