import { afterEach, beforeEach, describe, it } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { scaleServerDown } from '../faults/registration-server.ts';
import { SERVER } from '../faults/svid-changes.ts';
import { expectCause, expectGreen, later } from './fault.ts';
import { type RealInstallation, startRealInstallation } from './installation.ts';
import { expired } from './looks.ts';
import { identitiesRequirements } from './requirements.ts';
import { until } from './until.ts';

const { missing, mustNotSkip } = identitiesRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`an outage of the real server${presence(missing)}`, () => {
  let real: RealInstallation;
  beforeEach(async () => {
    real = await startRealInstallation();
  });
  afterEach(() => real?.close());
  it('is named first once SVIDs have expired, and ended by the printed fix', async () => {
    await scaleServerDown(real.testbed);
    await until('the SVID has expired', () => (expired(real.testbed) ? true : undefined));
    later(real);
    await expectCause(real, { check: 'svid-valid', message: 'expired', culprit: SERVER });
    await real.rotated();
    later(real);
    await real.rotated();
    await expectGreen(real);
  });
});
