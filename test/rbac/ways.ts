import { checks } from '../../checks/index.ts';
import { whatToGather } from '../../src/cli/what-to-gather.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { factReaders } from '../../src/evidence/facts/index.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { say } from '../cli/fake-host.ts';
import type { ApiRequest } from '../live/api-server/faults.ts';
import type { ApiServerOptions } from '../live/api-server/server.ts';
import { framed, gatherFrom } from '../live/cluster.ts';
import type { Scenario } from '../scenario/build.ts';
import { enforcing, type Grant, grantsOf } from './authorizer.ts';

/** A way to run the doctor, and the words of `rbac` that are meant for it. */
export interface Way {
  readonly rbac: readonly string[];
  readonly namespace?: string;
  readonly noExec?: boolean;
  readonly noLogs?: boolean;
  /** Ids of checks; absent: all. */
  readonly selected?: readonly string[];
}

/** What jane may do with the roles that `rbac` prints for this way. */
export async function grantsFor({ rbac }: Way): Promise<readonly Grant[]> {
  const { exitCode, stdout, stderr } = await say(['rbac', ...rbac, '--for', 'jane']);
  if (exitCode !== 0) throw new Error(stderr);
  return grantsOf(stdout, { user: 'jane', groups: ['system:authenticated'] });
}

export interface WayRun {
  readonly snapshot: Snapshot;
  readonly report: DoctorReport;
  readonly requests: readonly ApiRequest[];
}

/** What an API server in front of an installation has and says; absent: the healthy one's. */
export type Installed = Partial<Pick<ApiServerOptions, 'objects' | 'log' | 'exec'>>;

/** The installation that a scenario describes. */
export function installed({ objects, logs, probes }: Scenario): Installed {
  return {
    objects,
    log: ({ pod, container, previous }) =>
      logs.find((log) => log.pod === pod && log.container === container && log.previous === previous)?.text ?? '',
    exec: ({ pod, command }) => ({
      stdout: framed(probes.find((probe) => probe.pod === pod)?.answers ?? [], command[4] ?? ''),
    }),
  };
}

/** Gathers from an API server that enforces the grants, and judges. */
export async function runAs(way: Way, grants: readonly Grant[], there: Installed): Promise<WayRun> {
  const { namespace, noExec, noLogs, selected } = way;
  const { snapshot, server } = await gatherFrom({
    server: { ...there, fault: enforcing(grants, 'jane') },
    request: {
      items: whatToGather(checks, selected, factReaders),
      ...(namespace === undefined ? {} : { namespace }),
      ...(noExec === undefined ? {} : { noExec }),
      ...(noLogs === undefined ? {} : { noLogs }),
    },
  });
  const filter = namespace === undefined ? {} : { namespace };
  const report = judgeSnapshot(snapshot, checks, { filter, ...(selected === undefined ? {} : { selected }) });
  return { snapshot, report, requests: server.requests };
}
