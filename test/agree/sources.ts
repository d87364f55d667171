import { checks } from '../../checks/index.ts';
import type { DoctorReport, Result } from '../../src/doctor/report.ts';
import { readSnapshot, writeSnapshot } from '../../src/sources/snapshot/index.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import type { ExecAnswer, ExecCall } from '../live/api-server/exec-endpoint.ts';
import { framed, gatherFrom } from '../live/cluster.ts';
import { buildCase, buildScenario } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

/** One installation as each source shows it. */
export interface AllSources {
  readonly live: DoctorReport;
  /** What live gathering brought, written to a file and read again. */
  readonly snapshot: DoctorReport;
  /** What people apply, without what runs. */
  readonly files: DoctorReport;
}

/** Puts the installation behind an API server, into a snapshot file and into manifests, and judges all three. */
export async function throughAllSources(changes: readonly Change[]): Promise<AllSources> {
  const { objects, logs, probes } = await buildScenario('live', changes);
  const { snapshot } = await gatherFrom({
    server: {
      objects,
      log: (target) =>
        logs.find(
          (log) => log.pod === target.pod && log.container === target.container && log.previous === target.previous,
        )?.text,
      exec: ({ pod, command }: ExecCall): ExecAnswer => ({
        stdout: framed(probes.find((probe) => probe.pod === pod)?.answers ?? [], command[4] ?? ''),
      }),
    },
  });
  const applied = changes.filter((change) => 'object' in change || 'remove' in change || 'add' in change);
  return {
    live: judgeSnapshot(snapshot, checks),
    snapshot: judgeSnapshot(readSnapshot(writeSnapshot(snapshot), 'installation.json.gz'), checks, {
      sourceKind: 'snapshot',
      generatedAt: 1,
    }),
    files: judgeSnapshot(await buildCase({ source: 'files', complete: true, change: applied }), checks),
  };
}

/** What a result says, without where it was seen. */
export function saying({ state, findings }: Result): string {
  return `${state} ${findings
    .map(({ message }) => message)
    .toSorted()
    .join(', ')}`.trimEnd();
}

/** Results of the pods that a workload of the manifests makes. */
export function ofWorkload({ results }: DoctorReport, { check, subject }: Result): readonly Result[] {
  return results.filter(
    (result) =>
      result.check === check &&
      (result.subject.kind === 'Pod'
        ? result.subject.name.startsWith(`${subject.name}-`)
        : result.subject.name === subject.name),
  );
}
