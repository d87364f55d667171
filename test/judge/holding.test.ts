import { describe, expect, it } from 'vitest';
import type { Finding, Fix } from '../../src/doctor/check.ts';
import { everybody, fakeCheck, finding, judged } from './fakes.ts';

const EXEC = { args: ['exec', 'lb-0', '--', 'true'] };
const ROLL_OUT: Fix = {
  summary: 'Change the template.',
  commands: [EXEC, { args: ['rollout', 'restart', 'deployment/lb'] }],
  impact: 'rollout',
};

const starving = { starvesNewPods: true };

/** What the fix of the finding that wants other pods says in the report. */
function fixBeside(says: Partial<Finding> | undefined, own: Partial<Finding> = {}) {
  const report = judged([
    fakeCheck('issued', { says: says ? { 'lb-1': [finding('odd', 'lb-1', says)] } : {} }),
    fakeCheck('memory', { after: ['issued'], says: everybody('broken', { fix: ROLL_OUT, ...own }) }),
  ]);
  return report.rootCauses.find(({ check }) => check === 'memory')?.fix;
}

describe('a fix that replaces pods', () => {
  it('keeps only what leaves pods alone while one of them shows that a new one would get no SVID', () => {
    const fix = fixBeside(starving);
    expect(fix?.commands.join()).toMatch(/^kubectl .*exec lb-0 -- true$/);
    expect(fix?.manual).toBe('pods are replaced only after issued/odd is mended: a new pod would get no SVID');
  });

  it('stands as it is without that, or where that only may come', () => {
    for (const fix of [fixBeside(undefined), fixBeside({}), fixBeside({ ...starving, phase: 'latent' })]) {
      expect(fix?.commands).toHaveLength(2);
      expect(fix?.manual).toBeUndefined();
    }
  });

  it('leaves a fix alone that replaces nothing', () => {
    expect(fixBeside(starving, { fix: { ...ROLL_OUT, impact: 'reload' } })?.commands).toHaveLength(2);
  });

  it('stands where it mends what keeps the SVID away, which then is a symptom', () => {
    const report = judged([
      fakeCheck('config', { says: everybody('odd', { fix: ROLL_OUT }) }),
      fakeCheck('issued', { after: ['config'], says: everybody('murmurs', starving) }),
    ]);
    expect(report.rootCauses.find(({ check }) => check === 'config')?.fix?.commands).toHaveLength(2);
  });

  it('is held back when what it mends is not there yet', () => {
    const report = judged([
      fakeCheck('config', { says: everybody('odd', { fix: ROLL_OUT, phase: 'latent' }) }),
      fakeCheck('issued', { after: ['config'], says: everybody('murmurs', starving) }),
    ]);
    expect(report.rootCauses.find(({ check }) => check === 'config')?.fix?.commands).toHaveLength(1);
  });
});

describe('a finding that the evidence made a symptom', () => {
  it('is blocked under a failed ancestor although its message is a cause', () => {
    const report = judged([
      fakeCheck('first', { says: everybody('broken') }),
      fakeCheck('second', { after: ['first'], says: everybody('broken', { role: 'symptom' }) }),
    ]);
    expect(report.rootCauses.map(({ check }) => check)).toEqual(['first']);
  });
});
