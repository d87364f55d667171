import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change, RefuseChange } from '../scenario/case-file.ts';

function installation(...change: Change[]): Promise<Snapshot> {
  return buildCase({ source: 'live', complete: true, change });
}

async function refused(what: Pick<RefuseChange, 'what' | 'kind' | 'container'>): Promise<DoctorReport> {
  return judgeSnapshot(await installation({ refuse: { ...what, why: 'forbidden', detail: 'not allowed' } }), checks);
}

function statesOf(report: DoctorReport, check: string): readonly string[] {
  return [...new Set(report.results.filter((result) => result.check === check).map(({ state }) => state))].toSorted();
}

function messagesOf(report: DoctorReport): readonly string[] {
  return report.results.flatMap(({ check, findings }) => findings.map(({ message }) => `${check}/${message}`));
}

const KINDS =
  'HAProxyCfg HAProxyTemplateConfig Ingress Service Endpoints ClusterSPIFFEID ConfigMap DaemonSet CSINode CSIDriver Namespace Event Pod Deployment';
const REFUSALS: readonly Pick<RefuseChange, 'what' | 'kind' | 'container'>[] = [
  { what: 'probe' },
  ...['spiffe-helper', 'cert-reloader', 'controller'].map((container) => ({ what: 'log' as const, container })),
  ...KINDS.split(' ').map((kind) => ({ what: 'objects' as const, kind })),
];

describe('a healthy installation of which one thing may not be seen', () => {
  it.each(REFUSALS)('has no finding without %o', async (what) => {
    expect(messagesOf(await refused(what))).toEqual([]);
  });

  it.each([
    ['pods/exec', { what: 'probe' }, ['svid-valid', 'san-contents', 'cert-loaded']],
    ['HAProxyCfg', { what: 'objects', kind: 'HAProxyCfg' }, ['cert-loaded']],
    ['HAProxyTemplateConfig', { what: 'objects', kind: 'HAProxyTemplateConfig' }, ['controller-placeholder']],
    ['Ingresses', { what: 'objects', kind: 'Ingress' }, ['cert-loaded']],
    ['Endpoints', { what: 'objects', kind: 'Endpoints' }, ['san-contents']],
    ['ClusterSPIFFEIDs', { what: 'objects', kind: 'ClusterSPIFFEID' }, ['san-contents']],
  ] as const)('is not called healthy without %s, and the checks that need it are unknown', async (_, what, needy) => {
    const report = await refused(what);
    expect(report.verdict).toBe('inconclusive');
    for (const check of needy) expect(statesOf(report, check), check).toContain('unknown');
  });
});

describe('a probe that is cut off', () => {
  it('never makes a finding, and nothing is ok of which the answers are missing', async () => {
    const whole = await installation();
    const longest = Math.max(...whole.probes.map(({ answers }) => answers.length));
    expect(longest).toBeGreaterThan(10);
    for (let kept = 0; kept <= longest; kept += 1) {
      const probes = whole.probes.map((probe) => ({
        ...probe,
        answers: probe.answers.slice(0, kept),
        complete: kept >= probe.answers.length,
      }));
      const report = judgeSnapshot({ ...whole, probes }, checks);
      expect(messagesOf(report), `after ${kept} answers`).toEqual([]);
      const given = probes[0]?.answers ?? [];
      const has = (id: string, ending: string) =>
        given.some((answer) => answer.id === id && answer.argument.endsWith(ending));
      if (!has('certificates', 'svid.pem') || !has('certificates', 'bundle.pem'))
        expect(statesOf(report, 'svid-valid'), `after ${kept} answers`).toEqual(['unknown']);
      if (!has('certificates', 'svid.pem') || !has('haproxy', 'show ssl cert /etc/haproxy/spiffe/svid.pem'))
        expect(statesOf(report, 'cert-loaded'), `after ${kept} answers`).toEqual(['unknown']);
    }
  });
});

describe('the time to outage of the usual installation', () => {
  it('is that of the SVID that ends first, on disk or in memory', async () => {
    const report = judgeSnapshot(
      await installation({ svid: { pod: 'haptic-haproxy-1', notBefore: '-25m', notAfter: '35m' } }),
      checks,
    );
    expect(report.verdict).toBe('healthy');
    expect(report.timeToOutage).toMatchObject({
      state: 'known',
      seconds: 35 * 60,
      subject: { kind: 'Pod', namespace: 'haptic', name: 'haptic-haproxy-1' },
    });
  });

  it('lies in the past when an SVID has expired, whatever else is broken', async () => {
    const report = judgeSnapshot(
      await installation({ svid: { pod: 'haptic-haproxy-0', notBefore: '-65m', notAfter: '-5m' } }),
      checks,
    );
    expect(report.timeToOutage).toMatchObject({ state: 'known', seconds: -300, subject: { name: 'haptic-haproxy-0' } });
  });

  it('is seen although the helper cannot reach the agent any more', async () => {
    const report = judgeSnapshot(
      await installation(
        {
          object: 'ConfigMap haptic/haptic-spiffe-helper-config',
          replace: { at: 'data["helper.conf"]', from: 'spire-agent.sock', to: 'agent.sock' },
        },
        {
          log: {
            container: 'spiffe-helper',
            lines: [
              '-30s time="x" level=error msg="Error while watching x509 context: rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing: dial unix /spiffe-workload-api/agent.sock: connect: no such file or directory\\""',
            ],
          },
        },
        { svid: { notBefore: '-50m', notAfter: '10m' } },
      ),
      checks,
    );
    expect(report.rootCauses[0]?.check).toBe('csi-socket-name');
    expect(report.timeToOutage).toMatchObject({ state: 'known', seconds: 600 });
  });

  it('is unknown because nothing has arrived, when SPIRE never issued', async () => {
    const report = judgeSnapshot(
      await installation(
        { disk: { absent: ['svid', 'key', 'bundle'] } },
        { memory: { loaded: false } },
        {
          log: {
            container: 'spiffe-helper',
            lines: ['-30s time="x" level=error msg="rpc error: code = PermissionDenied desc = no identity issued"'],
          },
        },
      ),
      checks,
    );
    expect(report.timeToOutage).toEqual({
      state: 'unknown',
      because: 'no SVID has arrived in haptic-haproxy-0, haptic-haproxy-1',
    });
  });
});
