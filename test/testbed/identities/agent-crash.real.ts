import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { haproxyPods } from '../faults/memory-happenings.ts';
import { AGENT } from '../faults/platform-changes.ts';
import { expectCause, expectGreen, later } from './fault.ts';
import { type RealInstallation, startRealInstallation } from './installation.ts';
import { helperLines, isBackedOff, nodeOf } from './looks.ts';
import { identitiesRequirements } from './requirements.ts';
import { until } from './until.ts';
import { complaintIn, readAsDoctor, strangeLines } from './words.ts';

const { missing, mustNotSkip } = identitiesRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`crashes of real agents${presence(missing)}`, () => {
  let real: RealInstallation;
  beforeEach(async () => {
    real = await startRealInstallation();
  });
  afterEach(() => real?.close());
  const helper = () => helperLines(real.testbed);

  it('are over before anybody needs an SVID', async () => {
    const [{ ref }] = haproxyPods(real.testbed);
    real.agents.kill(nodeOf(real.testbed, ref));
    await until('spiffe-helper is cut off', () => (complaintIn(helper()) === 'not-reached' ? true : undefined));
    await real.ready();
    await real.rotated();
    later(real);
    await real.rotated();
    await expectGreen(real);
    expect(strangeLines(helper())).toEqual([]);
  });

  it('without an end are told from the refusing socket, named first, and ended by the printed fix', async () => {
    const [{ ref }] = haproxyPods(real.testbed);
    const node = nodeOf(real.testbed, ref);
    await until('the kubelet lets the agent wait', async () => {
      real.agents.kill(node);
      await real.testbed.settle();
      return isBackedOff(real.testbed, node) ? true : undefined;
    });
    await until('spiffe-helper is refused at the socket', () =>
      readAsDoctor(helper()).dialError?.reason === 'connection refused' ? true : undefined,
    );
    await expectCause(real, { check: 'csi-socket-name', message: 'agent-not-ready', culprit: AGENT });
    await real.rotated();
    later(real);
    await real.rotated();
    await expectGreen(real);
    expect(strangeLines(helper())).toEqual([]);
  });
});
