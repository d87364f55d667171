import { describe, expect, test } from 'vitest';
import type { DoctorReport } from '../../../src/doctor/report.ts';
import { presence } from '../../probe/requirements.ts';
import { startTestbed, type Testbed } from '../installation.ts';
import { proveAll } from '../proof/prove-all.ts';
import { runDoctor } from '../proof/run-doctor.ts';
import { testbedRequirements } from '../requirements.ts';
import { MEMORY_FAULTS } from './memory.ts';
import { ask, haproxyPods } from './memory-happenings.ts';

const MINUTE = 60_000;

proveAll('memory', MEMORY_FAULTS);

const { missing, mustNotSkip } = testbedRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`a fix that replaces pods${presence(missing)}`, () => {
  const withoutReloader = MEMORY_FAULTS.filter(({ name }) => name === 'no-reloader');

  test.for(withoutReloader)('of $name is only advised while SPIRE issues', async (fault) => {
    const testbed = await startTestbed({ ...fault, spire: { age: 45 * MINUTE } });
    try {
      testbed.platform.spire.server = 'unreachable';
      await testbed.settle();
      const before = await causesOf(testbed);
      expect(before.map(({ message }) => message)).toEqual(['rotation-overdue', 'no-reloader']);
      expect(before.flatMap(replacing)).toEqual([]);
      expect(before[1]?.fix?.manual).toContain('svid-valid/rotation-overdue');
      testbed.platform.spire.server = 'reachable';
      await testbed.spire.rotate();
      for (const pod of haproxyPods(testbed)) await ask(pod, 'reload\n');
      testbed.age(MINUTE);
      await testbed.settle();
      const after = await causesOf(testbed);
      expect(after.map(({ message }) => message)).toEqual(['no-reloader']);
      expect(after.flatMap(replacing)).toHaveLength(1);
    } finally {
      await testbed.close();
    }
  });
});

async function causesOf(testbed: Testbed): Promise<DoctorReport['rootCauses']> {
  const { stdout } = await runDoctor(['doctor', '-o', 'json'], testbed.env);
  const report: DoctorReport = JSON.parse(stdout);
  return report.rootCauses;
}

/** The commands of a fix after which there are other pods. */
function replacing({ fix }: DoctorReport['rootCauses'][number]): readonly string[] {
  return (fix?.commands ?? []).filter((command) =>
    /\b(?:rollout restart|patch|set image|delete|scale)\b/.test(command),
  );
}
