import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { writeField } from '../../scenario/field-edit.ts';
import { AGENT } from '../faults/platform-changes.ts';
import { edit, expectCause, expectGreen, later } from './fault.ts';
import { type RealInstallation, startRealInstallation } from './installation.ts';
import { helperLines } from './looks.ts';
import { identitiesRequirements } from './requirements.ts';
import { until } from './until.ts';
import { readAsDoctor, strangeLines } from './words.ts';

const { missing, mustNotSkip } = identitiesRequirements();

describe.skipIf(missing.length > 0 && !mustNotSkip)(`real agents${presence(missing)}`, () => {
  let real: RealInstallation;
  beforeEach(async () => {
    real = await startRealInstallation();
  });
  afterEach(() => real?.close());
  const helper = () => helperLines(real.testbed);

  it('that run nowhere are told from the missing socket, named first, and brought back by the printed fix', async () => {
    await edit(real, { kind: 'DaemonSet', namespace: 'spire-server', name: 'spire-agent' }, (object) =>
      writeField(object, 'spec.template.spec.nodeSelector', { 'spiffe.example.com/workloads': 'true' }),
    );
    await until('spiffe-helper finds no socket', () =>
      readAsDoctor(helper()).dialError?.reason === 'no such file or directory' ? true : undefined,
    );
    later(real);
    // What it said before is long ago now.
    const said = helper().length;
    await until('spiffe-helper finds no socket again', () => (helper().length > said ? true : undefined));
    await expectCause(real, { check: 'csi-socket-name', message: 'no-agent-on-node', culprit: AGENT });
    await real.rotated();
    later(real);
    await real.rotated();
    await expectGreen(real);
    expect(strangeLines(helper())).toEqual([]);
  });
});
