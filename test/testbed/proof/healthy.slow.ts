import { describe, expect, test } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { HEALTHY } from '../healthy/index.ts';
import { testbedRequirements } from '../requirements.ts';
import { proveHealthy } from './prove.ts';

const { missing, mustNotSkip } = testbedRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`healthy installations${presence(missing)}`, () => {
  test.for(HEALTHY.map((variant) => [variant.name, variant] as const))(
    '%s serves its clients, and raises no alarm',
    async ([, variant], { task }) => {
      const { story, ...proof } = await proveHealthy(variant);
      task.meta.healthyProof = proof;
      expect(proof, story.join('\n')).toEqual({
        variant: variant.name,
        alarms: [],
        unknowns: [],
        unready: [],
        lost: [],
      });
    },
  );
});
