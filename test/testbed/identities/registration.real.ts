import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { writeField } from '../../scenario/field-edit.ts';
import { haproxyPods } from '../faults/memory-happenings.ts';
import { edit, expectCause, expectGreen, later } from './fault.ts';
import { type RealInstallation, startRealInstallation } from './installation.ts';
import { agentLines, helperLines, nodeOf } from './looks.ts';
import { identitiesRequirements } from './requirements.ts';
import { until } from './until.ts';
import { complaintIn, strangeLines } from './words.ts';

const DEFAULT_ID = 'ClusterSPIFFEID spire-server-spire-default';
/** As the doctor and the stand-in for the agent know it. */
const REFUSAL =
  /level=error msg="No identity issued" method=FetchX509SVID pid=\d+ registered=false service=WorkloadAPI subsystem_name=endpoints$/m;
const { missing, mustNotSkip } = identitiesRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`real registrations${presence(missing)}`, () => {
  let real: RealInstallation;
  beforeEach(async () => {
    real = await startRealInstallation();
  });
  afterEach(() => real?.close());

  const helper = () => helperLines(real.testbed);
  const key = { kind: 'ClusterSPIFFEID', name: 'spire-server-spire-default' };

  it('that are withdrawn are missed by the agent, named first, and made again by the printed fix', async () => {
    await edit(real, key, (object) =>
      writeField(object, 'spec.namespaceSelector', { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }),
    );
    const [{ ref }] = haproxyPods(real.testbed);
    await until('spiffe-helper is refused', () =>
      /no identity issued/.test(helper().at(-1) ?? '') ? true : undefined,
    );
    expect(complaintIn(helper())).toBe('no-identity');
    const node = nodeOf(real.testbed, ref);
    expect(agentLines(real.testbed, node).join('\n')).toMatch(REFUSAL);
    later(real);
    // What it said before is long ago now.
    const said = helper().length;
    await until('spiffe-helper is refused again', () => (helper().length > said ? true : undefined));
    await expectCause(real, { check: 'svid-issued', message: 'namespace-not-selected', culprit: DEFAULT_ID });
    await real.rotated();
    later(real);
    await real.rotated();
    await expectGreen(real);
    expect(strangeLines(helper())).toEqual([]);
  });

  it('without a DNS name let HAProxy refuse the backend, are named first, and made good by the printed fix', async () => {
    const traffic = real.testbed.traffic();
    await traffic.answered(3);
    expect(traffic.record().failed).toEqual([]);
    await edit(real, key, (object) => writeField(object, 'spec.autoPopulateDNSNames', undefined));
    await until('requests fail', () => (traffic.record().failed.length > 3 ? true : undefined));
    later(real);
    await expectCause(real, { check: 'san-contents', message: 'backend-lacks-dns-names', culprit: DEFAULT_ID });
    const { ok } = traffic.record();
    await until('requests are served again', () => (traffic.record().ok > ok + 3 ? true : undefined));
    await traffic.stop();
    later(real);
    await real.rotated();
    await expectGreen(real);
  });
});
