import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { judge } from '../../src/doctor/judge.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { assembleSnapshot } from '../scenario/assemble.ts';
import { buildScenario } from '../scenario/build.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';
import { gatherFrom } from './cluster.ts';

describe('what was gathered from a healthy cluster', () => {
  it('leads to the same results as the recorded installation', async () => {
    const { snapshot } = await gatherFrom();
    const recorded = await assembleSnapshot(await buildScenario('live', []), { source: 'live', complete: false });
    expect(states(snapshot)).toEqual(states(recorded));
  });
});

function states(snapshot: Snapshot): readonly string[] {
  const report = judge(snapshot, {
    checks,
    failOn: 'fail',
    allowUnknown: [],
    tool: { name: 'test', version: '0' },
    docsBase: 'https://docs.example',
    guideBase: 'https://guide.example',
    generatedAt: OBSERVED_AT,
    durationMs: 0,
  });
  return report.results.map(({ check, subject, state, why, detail }) =>
    `${check} ${subject.name}: ${state} ${why ?? ''} ${detail ?? ''}`.trimEnd(),
  );
}
