import { describe, expect, it } from 'vitest';
import { judgeInstallation } from './installation.ts';
import { LIVE_FAULTS } from './live-faults.ts';
import { checksIn, standing } from './manifests.ts';

describe('the recorded installation', () => {
  it('is healthy, and everything about it was seen', async () => {
    const report = await judgeInstallation([]);
    expect(
      report.results.map(({ check, state }) => `${check} ${state}`).filter((line) => !line.endsWith(' ok')),
    ).toEqual([]);
    expect([report.verdict, report.exitCode]).toEqual(['healthy', 0]);
    expect(report.timeToOutage).toMatchObject({ state: 'known', seconds: 2_400 });
  });
});

describe.each(Object.entries(LIVE_FAULTS))('an installation with %s', (_name, { changes, causes, blocked }) => {
  it(`has ${causes[0]} as its root cause, the rest blocked by it, and nothing else`, async () => {
    const report = await judgeInstallation(changes);
    expect(standing(report)).toEqual(causes);
    expect(checksIn(report, 'blocked')).toEqual(blocked);
    expect(checksIn(report, 'crashed', 'warn')).toEqual([]);
    expect([report.verdict, report.exitCode]).toEqual(['broken', 1]);
    const [root] = report.rootCauses;
    expect(root?.certainty).toBe('proven');
    for (const result of report.results.filter(({ state }) => state === 'blocked')) {
      expect(result.blockedBy.map(({ check }) => check)).toEqual(expect.arrayContaining([root?.check]));
    }
  });

  it('gets commands for this cluster, or a reason why no command can do it', async () => {
    const { rootCauses } = await judgeInstallation(changes);
    for (const { fix } of rootCauses) {
      for (const command of fix?.commands ?? []) expect(command).toMatch(/^kubectl --context prod /);
      expect([fix?.commands[0], fix?.edit, fix?.manual, fix?.durable].some(Boolean)).toBe(true);
    }
  });
});
