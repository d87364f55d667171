import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { haproxyPods } from '../faults/memory-happenings.ts';
import { expectGreen } from './fault.ts';
import { type RealInstallation, startRealInstallation } from './installation.ts';
import { agentLines, helperLines, loadedSerial, nodeOf, seenByBackend, writtenSerial } from './looks.ts';
import { identitiesRequirements } from './requirements.ts';
import { readAsDoctor, strangeLines } from './words.ts';

const RENEWAL =
  /level=info msg="Renewing X509-SVID" entry_id=\S+ expires_at="20\S+Z" spiffe_id="spiffe:\/\/prod\.example\.com\/ns\/haptic\/sa\/default" subsystem_name=manager$/m;
const { missing, mustNotSkip } = identitiesRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`real identities${presence(missing)}`, () => {
  let real: RealInstallation;
  beforeAll(async () => {
    real = await startRealInstallation();
  });
  afterAll(() => real?.close());
  const helper = () => helperLines(real.testbed);

  it('raise no alarm', () => expectGreen(real));

  it('carry clients through mTLS while SPIRE rotates, and raise no alarm after that', async () => {
    const traffic = real.testbed.traffic();
    await traffic.answered(5);
    const before = await loadedSerial(real.testbed);
    await real.rotated();
    expect(await loadedSerial(real.testbed)).toBe(writtenSerial(real.testbed));
    expect(await loadedSerial(real.testbed)).not.toBe(before);
    await traffic.answered(5);
    expect(await seenByBackend(real.testbed)).toBe('spiffe://prod.example.com/ns/haptic/sa/default');
    const { failed, ok } = await traffic.stop();
    expect({ failed, served: ok > 10 }).toEqual({ failed: [], served: true });
    await expectGreen(real);
  });

  it('let spiffe-helper say nothing that the doctor does not know', () => {
    expect(helper().length).toBeGreaterThan(5);
    expect(strangeLines(helper())).toEqual([]);
  });

  it('let the agent report renewals in the words of its stand-in', () => {
    const [{ ref }] = haproxyPods(real.testbed);
    const said = agentLines(real.testbed, nodeOf(real.testbed, ref)).join('\n');
    expect(said).toMatch(/level=info msg="Node attestation was successful" .*subsystem_name=attestor$/m);
    expect(said).toMatch(RENEWAL);
  });

  it('are read from spiffe-helper’s own log as one SVID that was updated', () => {
    const { lastUpdate, lastError, dialError, receivedIds } = readAsDoctor(helper());
    expect(lastUpdate?.text).toContain('X.509 certificates updated');
    expect({ lastError, dialError, receivedIds }).toEqual({
      lastError: undefined,
      dialError: undefined,
      receivedIds: ['spiffe://prod.example.com/ns/haptic/sa/default'],
    });
  });
});
