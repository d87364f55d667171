import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { NotCollected, Snapshot } from '../../src/evidence/snapshot.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';

const RULE = { verb: 'list', group: '', resource: 'pods' };
const refused = (target: NotCollected['target']): NotCollected => ({
  target,
  why: 'forbidden',
  detail: 'pods is forbidden: User "dev" cannot list resource',
  rule: RULE,
});

/** The healthy installation as a user sees it who may not see some of it. */
async function seenBy(may: {
  readonly kinds: (kind: string) => boolean;
  readonly logs: boolean;
  readonly exec: boolean;
}): Promise<Snapshot> {
  const all = await buildCase({ source: 'live', complete: true, change: [] });
  const kinds = all.coverage.map(({ kind }) => kind);
  return {
    ...all,
    objects: all.objects.filter(({ object }) => may.kinds(String(object.kind))),
    coverage: all.coverage.filter(({ kind }) => may.kinds(kind)),
    logs: may.logs ? all.logs : [],
    probes: may.exec ? all.probes : [],
    notCollected: [
      ...kinds.filter((kind) => !may.kinds(kind)).map((kind) => refused({ what: 'objects', kind })),
      ...(may.logs
        ? []
        : all.logs.map(({ namespace, pod, container, previous }) =>
            refused({ what: 'log' as const, namespace, pod, container, previous }),
          )),
      ...(may.exec ? [] : all.probes.map(({ namespace, pod }) => refused({ what: 'probe' as const, namespace, pod }))),
    ],
  };
}

describe('a user who may see nothing', () => {
  it('is told exit code 2, inconclusive, and what to ask for', async () => {
    const report = judgeSnapshot(await seenBy({ kinds: () => false, logs: false, exec: false }), checks);
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
    expect(new Set(report.results.map(({ state, why }) => `${state} ${why}`))).toEqual(new Set(['unknown forbidden']));
    expect(report.results.map(({ check }) => check).toSorted()).toEqual(checks.map(({ id }) => id).toSorted());
    expect(report.results.every(({ rule }) => rule?.resource === 'pods')).toBe(true);
    expect(report.rootCauses).toEqual([]);
  });
});

const RESTRICTED: Readonly<Record<string, Parameters<typeof seenBy>[0]>> = {
  'may not exec': { kinds: () => true, logs: true, exec: false },
  'may not read logs': { kinds: () => true, logs: false, exec: true },
  'may neither exec nor read logs': { kinds: () => true, logs: false, exec: false },
  'may see Pods only': { kinds: (kind) => kind === 'Pod', logs: false, exec: false },
  'may see Pods and exec': { kinds: (kind) => kind === 'Pod', logs: false, exec: true },
  'may see no ConfigMaps': { kinds: (kind) => kind !== 'ConfigMap', logs: true, exec: true },
  'may see nothing of SPIRE': {
    kinds: (kind) => !['DaemonSet', 'CSIDriver', 'CSINode', 'ClusterSPIFFEID', 'Namespace', 'Node'].includes(kind),
    logs: true,
    exec: true,
  },
  'may see nothing of HAPTIC’s own kinds': { kinds: (kind) => !kind.startsWith('HAProxy'), logs: true, exec: true },
};

describe('a user who sees a healthy installation in part', () => {
  it.each(Object.entries(RESTRICTED))(
    'and %s hears of no fault, and of no ok beyond what was seen',
    async (_name, may) => {
      const report = judgeSnapshot(await seenBy(may), checks);
      expect(report.results.filter(({ state }) => ['fail', 'warn', 'blocked', 'crashed'].includes(state))).toEqual([]);
      if (!may.exec) {
        const files = report.results.filter(({ check }) => check === 'svid-valid' || check === 'cert-loaded');
        expect(new Set(files.map(({ state }) => state))).toEqual(new Set(['unknown']));
        expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
      }
      expect(report.notCollected.length).toBeGreaterThan(0);
    },
  );

  it.each([
    'Pod',
    'Deployment',
    'ConfigMap',
    'HAProxyTemplateConfig',
    'HAProxyCfg',
    'Ingress',
    'Service',
    'CSIDriver',
    'CSINode',
    'ClusterSPIFFEID',
    'DaemonSet',
    'Node',
    'Namespace',
    'Event',
    'ReplicaSet',
    'Endpoints',
  ])('hears of no fault when only %s objects are refused', async (kind) => {
    const report = judgeSnapshot(await seenBy({ kinds: (other) => other !== kind, logs: true, exec: true }), checks);
    expect(
      report.results
        .filter(({ state }) => ['fail', 'warn', 'blocked', 'crashed'].includes(state))
        .map(({ check, findings, detail }) => [check, findings.map(({ message }) => message), detail]),
    ).toEqual([]);
  });

  it('gets exit code 0 for what is allowed to be unknown, and the same verdict', async () => {
    const snapshot = await seenBy({ kinds: () => true, logs: true, exec: false });
    const report = judgeSnapshot(snapshot, checks, { allowUnknown: ['*'] });
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 0]);
  });
});
