import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

async function judged(...change: Change[]): Promise<DoctorReport> {
  return judgeSnapshot(await buildCase({ source: 'live', complete: true, change }), checks);
}

function findingsOf(report: DoctorReport, message: string) {
  const found = report.results.flatMap(({ findings }) => findings.filter((finding) => finding.message === message));
  expect(found.length, message).toBeGreaterThan(0);
  return found;
}

/** Every change of a pod template makes new pods. */
const NEW_POD = /(?:restart|patch) deployment\/haptic-haproxy/;

/** Printed commands that load certificates anew, by a new pod or by a reload. */
function loading(report: DoctorReport): readonly string[] {
  const fixes = report.results.flatMap(({ findings }) => findings.map(({ fix }) => fix));
  const commands = fixes.flatMap((fix) => fix?.commands ?? []);
  return commands.filter((line) => NEW_POD.test(line) || /exec .*echo reload/.test(line));
}

const STALE: Change = { svid: { where: 'memory', notBefore: '-50m', notAfter: '10m' } };
const UNROUTED: Change = {
  object: 'Deployment haptic/haptic-haproxy',
  set: {
    at: 'spec.template.spec.containers[3].args[0]',
    to: 'printf "set ssl cert /etc/haproxy/spiffe/svid.pem" | socat - unix-connect:/etc/haproxy/haproxy-master.sock\necho "commit ssl cert /etc/haproxy/spiffe/svid.pem" | socat - unix-connect:/etc/haproxy/haproxy-master.sock',
  },
};
const REFUSED: Change = {
  log: {
    container: 'spiffe-helper',
    lines: ['-30s time="x" level=error msg="rpc error: code = PermissionDenied desc = no identity issued"'],
  },
};

describe('loading certificates anew', () => {
  it('is advised where the files are newer and valid and SPIRE issues', async () => {
    expect(loading(await judged(STALE))).toHaveLength(2);
    const changed = loading(await judged(STALE, UNROUTED));
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((line) => !NEW_POD.test(line))).toEqual([]);
  });

  it('is a reload of what is on disk, and no new pod, where SPIRE may have stopped issuing', async () => {
    const overdue: Change = { svid: { where: 'disk', notBefore: '-45m', notAfter: '15m' } };
    const commands = loading(await judged(STALE, overdue, UNROUTED));
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((line) => NEW_POD.test(line))).toEqual([]);
  });

  it('is not advised while SPIRE refuses the pods, and until when they work is said', async () => {
    const report = await judged(REFUSED);
    expect(loading(report)).toEqual([]);
    const [found] = report.rootCauses.filter(({ check }) => check === 'svid-issued');
    expect(found?.phase).toBe('latent');
    expect(found?.avoid.join(' ')).toContain('keeps its SVID in memory, valid until 2026-11-22T03:40:00Z');
  });

  it('is not advised where the agent that would have to issue was not seen', async () => {
    const report = await judged(
      { svid: { key: 'other' } },
      { refuse: { what: 'objects', kind: 'DaemonSet', why: 'forbidden', detail: 'not allowed' } },
    );
    expect(loading(report)).toEqual([]);
    expect(findingsOf(report, 'key-mismatch')[0]?.fix?.manual).toContain('a new pod gets no SVID');
  });

  it.each<[string, Change]>([
    ['is not trusted by the bundle beside it', { bundle: { where: 'disk', roots: ['other'] } }],
    ['has expired too', { svid: { where: 'disk', notBefore: '-45m', notAfter: '-1m' } }],
    ['has another key', { svid: { where: 'disk', key: 'other' } }],
  ])('is not advised where what is on disk %s', async (_, fault) => {
    const report = await judged(STALE, fault);
    expect(loading(report).filter((line) => line.includes('reload'))).toEqual([]);
  });

  it('is not advised when an SVID has expired and nothing shows that SPIRE issues', async () => {
    const report = await judged({ svid: { notBefore: '-65m', notAfter: '-5m' } });
    expect(loading(report)).toEqual([]);
    for (const finding of report.rootCauses.filter(({ message }) => message === 'expired'))
      expect(finding.avoid.join(' '), finding.check).toMatch(/restart HAProxy/);
  });
});
