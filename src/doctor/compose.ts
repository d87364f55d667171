import { discover } from '../evidence/discovery.ts';
import type { Subject } from '../evidence/subject.ts';
import type { World } from '../evidence/world.ts';
import { STAGES } from './check.ts';
import { describeGap, describeSource } from './describe-run.ts';
import type { JudgeOptions } from './judge.ts';
import { timeToOutage } from './outage.ts';
import type { DoctorReport } from './report.ts';
import { reportCause, reportResult } from './report-parts.ts';
import type { Settled } from './results.ts';
import { rootCauses } from './root-causes.ts';
import { countStates, exitCodeOf, verdictOf } from './verdict.ts';

/** The report of what has been settled, in its order of stages, checks and subjects. */
export function compose(
  results: readonly Settled[],
  subjects: readonly Subject[],
  selected: ReadonlySet<string>,
  world: World,
  options: JudgeOptions,
): DoctorReport {
  const { snapshot } = world;
  const context = snapshot.source.kind === 'live' ? snapshot.source.context : undefined;
  const parts = { world, context, docsBase: options.docsBase, guideBase: options.guideBase, links: new Map() };
  const reported = results.map((result) => reportResult(result, selected.has(result.check.id), parts));
  return {
    apiVersion: 'haptic-spire.dev/v1',
    kind: 'DoctorReport',
    metadata: {
      tool: options.tool,
      generatedAt: new Date(options.generatedAt).toISOString(),
      durationMs: options.durationMs,
      source: describeSource(snapshot, options.sourceKind),
      requests: snapshot.requests,
      notes: [...snapshot.notes, ...discover(world).notes],
    },
    verdict: verdictOf(results),
    exitCode: exitCodeOf(results, options),
    summary: countStates(reported.filter((result) => result.selected)),
    timeToOutage: timeToOutage(results, world.now),
    rootCauses: rootCauses(results, subjects).map((cause) => reportCause(cause, parts)),
    results: inPlace(reported),
    notCollected: snapshot.notCollected.map(describeGap),
  };
}

function inPlace(results: DoctorReport['results']): DoctorReport['results'] {
  return results.toSorted(
    (a, b) =>
      STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
      inOrderOf(a.check, b.check) ||
      inOrderOf(a.subject.namespace, b.subject.namespace) ||
      inOrderOf(a.subject.kind, b.subject.kind) ||
      inOrderOf(a.subject.name, b.subject.name) ||
      inOrderOf(a.subject.container, b.subject.container),
  );
}

function inOrderOf(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
