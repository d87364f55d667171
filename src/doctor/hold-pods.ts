import { refKey, type Subject } from '../evidence/subject.ts';
import type { Finding, Fix } from './check.ts';
import type { Settled } from './results.ts';

/**
 * Takes commands that replace HAProxy pods out of fixes while something else shows that a new pod would get no SVID:
 * those that run still have theirs.
 */
export function holdPods(results: readonly Settled[]): readonly Settled[] {
  const starving = results.flatMap((result) =>
    result.findings.filter(isStarving(result)).map((by) => ({ result, by })),
  );
  if (starving.length === 0) return results;
  return results.map((result) => {
    const { check, subject } = result;
    if (subject.type !== 'haproxy-pod') return result;
    const findings = result.findings.map((finding) => {
      const held = starving.find(
        (one) =>
          one.result.check !== check && isSamePlace(one.result.subject, subject) && !explains(result, finding, one),
      );
      const { fix } = finding;
      return held && fix?.impact === 'rollout' ? { ...finding, fix: withoutReplacing(fix, held) } : finding;
    });
    return { ...result, findings };
  });
}

interface Starving {
  readonly result: Settled;
  readonly by: Finding;
}

function isStarving({ check }: Settled): (finding: Finding) => boolean {
  return ({ message, phase, starvesNewPods }) =>
    phase !== 'latent' && (starvesNewPods ?? check.messages[message]?.starvesNewPods) === true;
}

/** What lies at the root of it is mended by new pods. */
function explains({ check }: Settled, { phase }: Finding, { result, by }: Starving): boolean {
  const role = by.role ?? result.check.messages[by.message]?.role;
  return phase !== 'latent' && role === 'symptom' && result.upstream.some((ancestor) => ancestor.check === check);
}

/** A workload's pods are replaced together, wherever one of them is starved. */
function isSamePlace({ installation: one }: Subject, { installation: other }: Subject): boolean {
  return one === undefined || (other !== undefined && refKey(one) === refKey(other));
}

function withoutReplacing(
  { commands = [], patch: _patch, manual: _manual, ...fix }: Fix,
  { result, by }: Starving,
): Fix {
  const harmless = commands.filter(({ args }) => args[0] === 'exec');
  return {
    ...fix,
    ...(harmless.length > 0 ? { commands: harmless } : {}),
    manual: `pods are replaced only after ${result.check.id}/${by.message} is mended: a new pod would get no SVID`,
  };
}
