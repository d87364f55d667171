import { describe, expect, test } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import type { Fault } from '../faults/fault.ts';
import { testbedRequirements } from '../requirements.ts';
import { chosen } from './chosen.ts';
import { proveFault } from './prove.ts';

/** One test a fault: it is named first, nothing else is, and what the doctor prints cures it without losing a request. */
export function proveAll(group: string, faults: readonly Fault[]): void {
  const { missing, mustNotSkip } = testbedRequirements();
  describe.skipIf(missing.length > 0 && !mustNotSkip)(`${group}${presence(missing)}`, () => {
    test.for(chosen(faults).map((fault, index) => [fault.name, fault, index] as const))(
      '%s is found, and its fix cures it',
      async ([, fault, index], { task }) => {
        // As users start it, once a group.
        const proof = await proveFault(fault, index === 0 ? 'process' : 'here');
        task.meta.faultProof = proof;
        const { diagnosis, alarms, cure, lost, story } = proof;
        expect({ diagnosis, alarms, cure, lost }, story.join('\n')).toEqual({
          diagnosis: 'root',
          alarms: [],
          cure: fault.cure.by === 'hand' ? 'by hand' : 'cured',
          lost: 0,
        });
      },
    );
  });
}
