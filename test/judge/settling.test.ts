import { describe, expect, it } from 'vitest';
import { cannotTell } from '../../src/doctor/check.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import { unknown } from '../../src/evidence/reading.ts';
import { everybody, fakeCheck, finding, judged, release, snapshotOf, speaking, states } from './fakes.ts';

const dark = () => cannotTell(unknown('timeout', 'nobody answered'));

describe('what comes before a check', () => {
  it('turns its symptoms into blocked and leaves its causes standing', () => {
    const report = judged([
      fakeCheck('first', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
      fakeCheck('second', {
        after: ['first'],
        says: { 'lb-0': [finding('follows', 'lb-0')], 'lb-1': [finding('follows', 'lb-1')] },
      }),
      fakeCheck('third', {
        after: ['first'],
        says: { 'lb-0': [finding('follows', 'lb-0'), finding('broken', 'lb-0')] },
      }),
    ]);
    expect(states(report, 'second')).toEqual(['second lb-0: blocked', 'second lb-1: fail', 'second lb-2: ok']);
    const third = report.results.find(({ check, subject }) => check === 'third' && subject.name === 'lb-0');
    expect(third).toMatchObject({ state: 'fail', findings: [{ message: 'broken' }], blockedBy: [] });
  });

  it('blocks across checks that say nothing themselves, and only the root is named', () => {
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
      fakeCheck('b', { after: ['a'], says: { 'lb-0': [finding('follows', 'lb-0')] } }),
      fakeCheck('c', { after: ['b'], says: { 'lb-0': [finding('follows', 'lb-0')] } }),
    ]);
    const c = report.results.find(({ check, subject }) => check === 'c' && subject.name === 'lb-0');
    expect(c?.blockedBy).toEqual([{ check: 'a', subject: { kind: 'Pod', namespace: 'edge', name: 'lb-0' } }]);
    expect(report.rootCauses.map(({ check }) => check)).toEqual(['a']);
  });

  it('turns unknown into blocked, but not ok', () => {
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
      fakeCheck('b', { after: ['a'], says: { 'lb-0': dark, 'lb-1': dark } }),
    ]);
    expect(states(report, 'b')).toEqual(['b lb-0: blocked', 'b lb-1: unknown', 'b lb-2: ok']);
  });

  it('blocks nothing when it only warns', () => {
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': [finding('odd', 'lb-0')] } }),
      fakeCheck('b', { after: ['a'], says: { 'lb-0': [finding('follows', 'lb-0')] } }),
    ]);
    expect(states(report, 'b')[0]).toBe('b lb-0: fail');
  });

  it('blocks nothing when it is latent, since what runs still works', () => {
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': [finding('broken', 'lb-0', { phase: 'latent' })] } }),
      fakeCheck('b', { after: ['a'], says: { 'lb-0': [finding('follows', 'lb-0')] } }),
    ]);
    expect(states(report)).toEqual(expect.arrayContaining(['a lb-0: fail', 'b lb-0: fail']));
    expect(report.rootCauses.map(({ check, phase }) => [check, phase])).toEqual([
      ['b', 'active'],
      ['a', 'latent'],
    ]);
  });

  it('counts with the severity that the evidence gave, not the message', () => {
    const report = judged([
      fakeCheck('a', {
        says: {
          'lb-0': [finding('odd', 'lb-0', { severity: 'fail' })],
          'lb-1': [finding('broken', 'lb-1', { severity: 'warn' })],
        },
      }),
      fakeCheck('b', {
        after: ['a'],
        says: { 'lb-0': [finding('follows', 'lb-0')], 'lb-1': [finding('follows', 'lb-1')] },
      }),
    ]);
    expect(states(report)).toEqual([
      'a lb-0: fail',
      'a lb-1: warn',
      'a lb-2: ok',
      'b lb-0: blocked',
      'b lb-1: fail',
      'b lb-2: ok',
    ]);
  });

  it('bears on subjects of another type in the same release only', () => {
    const report = judged([
      fakeCheck('of-controller', {
        subject: 'controller-pod',
        says: { 'lb-controller-0': [finding('broken', 'lb-controller-0')] },
      }),
      fakeCheck('of-pods', {
        after: ['of-controller'],
        says: { 'lb-0': [finding('follows', 'lb-0')], 'in-other-0': [finding('follows', 'in-other-0')] },
      }),
    ]);
    expect(states(report, 'of-pods')[0]).toBe('of-pods lb-0: blocked');
  });

  it('may be looked at by two examinations of one check', () => {
    const check = fakeCheck('both', {
      says: { 'lb-1': [finding('odd', 'lb-1')] },
      more: [speaking('controller-pod', { 'lb-controller-0': [finding('broken', 'lb-controller-0')] })],
    });
    expect(states(judged([check]))).toEqual([
      'both lb-0: ok',
      'both lb-1: warn',
      'both lb-2: ok',
      'both lb-controller-0: fail',
    ]);
  });
});

describe('a check that cannot judge', () => {
  it('is unknown without findings, and lists what it missed beside findings', () => {
    const missing = unknown('forbidden', 'pods/exec is forbidden', {
      verb: 'create',
      group: '',
      resource: 'pods/exec',
      namespace: 'edge',
    });
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': cannotTell(missing), 'lb-1': cannotTell(missing, [finding('odd', 'lb-1')]) } }),
    ]);
    expect(report.results[0]).toMatchObject({
      state: 'unknown',
      why: 'forbidden',
      detail: 'pods/exec is forbidden',
      rule: { resource: 'pods/exec' },
      findings: [],
    });
    expect(report.results[1]).toMatchObject({
      state: 'warn',
      why: null,
      unseen: [{ what: 'pods/exec is forbidden', why: 'forbidden' }],
    });
    expect(report.exitCode).toBe(2);
  });

  it.each(['needs-live', 'nothing-uses-it', 'gone'] as const)(
    'is skipped for %s, which never causes exit code 2',
    (why) => {
      const report = judged([fakeCheck('a', { says: { 'lb-0': cannotTell(unknown(why, 'no')) } })]);
      expect(report.results[0]).toMatchObject({ state: 'skipped', why });
      expect(report.exitCode).toBe(0);
    },
  );

  it('stays skipped under a failed ancestor', () => {
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
      fakeCheck('b', { after: ['a'], says: { 'lb-0': cannotTell(unknown('nothing-uses-it', 'no')) } }),
    ]);
    expect(states(report, 'b')[0]).toBe('b lb-0: skipped');
  });

  it('crashes alone: the rest is judged, and the exit code is 2', () => {
    const crash = () => {
      throw new TypeError('oops');
    };
    const report = judged([fakeCheck('a', { says: { 'lb-1': crash } }), fakeCheck('b', { after: ['a'] })]);
    expect(states(report)).toEqual([
      'a lb-0: ok',
      'a lb-1: crashed',
      'a lb-2: ok',
      'b lb-0: ok',
      'b lb-1: ok',
      'b lb-2: ok',
    ]);
    expect(report.results.find(({ state }) => state === 'crashed')?.detail).toContain('TypeError: oops');
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
  });

  it('says why it does not apply', () => {
    const check = fakeCheck('a');
    const [examination] = check.examinations;
    if (!examination) throw new Error('a fake check has an examination');
    const report = judged([
      { ...check, examinations: [{ ...examination, applies: () => ({ why: 'nothing-uses-it', detail: 'not here' }) }] },
    ]);
    expect(report.results[0]).toMatchObject({ state: 'skipped', why: 'nothing-uses-it', detail: 'not here' });
  });

  it('of which there is no subject at all says so once', () => {
    const report = judged([fakeCheck('a', { subject: 'ingress' })]);
    expect(report.results).toHaveLength(1);
    expect(report.results[0]).toMatchObject({
      state: 'unknown',
      why: 'no-subject',
      subject: { kind: 'HAProxyTemplateConfig', namespace: 'edge', name: 'lb-config' },
    });
    expect(report.exitCode).toBe(2);
  });

  it('reads a fact that does not exist as unknown', () => {
    const report = judged([
      { ...fakeCheck('a'), examinations: [{ subject: 'haproxy-pod', needs: ['weather'], wants: [], judge: () => [] }] },
    ]);
    expect(new Set(report.results.map(({ state, why }) => `${state} ${why}`))).toEqual(
      new Set(['unknown no-evidence']),
    );
  });
});

describe('root causes', () => {
  it('are grouped by check, message and culprit, with how many they affect', () => {
    const report = judged([
      fakeCheck('a', { says: everybody('broken') }),
      fakeCheck('b', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
    ]);
    expect(
      report.rootCauses.map(({ check, culprit, affected, subjects }) => [
        check,
        culprit.name,
        affected,
        subjects.length,
      ]),
    ).toEqual([
      ['a', 'shared', { n: 3, of: 3 }, 3],
      ['b', 'lb-0', { n: 1, of: 3 }, 1],
    ]);
  });

  it('do not count a workload that stands for missing pods among the pods', () => {
    const [model] = release();
    const labels = { 'app.kubernetes.io/instance': 'edge' };
    const spare: JsonObject = {
      kind: 'Deployment',
      metadata: { name: 'lb-spare', namespace: 'edge', labels },
      spec: { template: { metadata: { labels }, spec: model?.spec ?? {} } },
    };
    const says = { ...everybody('broken'), 'lb-spare': [finding('broken', 'lb-spare')] };
    const report = judged([fakeCheck('a', { says })], {}, snapshotOf({ objects: [...release(), spare] }));
    expect(report.rootCauses.map(({ culprit, affected }) => [culprit.name, affected])).toEqual([
      ['shared', { n: 3, of: 3 }],
      ['lb-spare', { n: 1, of: 1 }],
    ]);
  });

  it('keep apart what differs in severity or phase', () => {
    const report = judged([
      fakeCheck('a', {
        says: {
          'lb-0': [finding('broken', 'lb-0', { culprit: { kind: 'X', name: 'x' } })],
          'lb-1': [finding('broken', 'lb-1', { culprit: { kind: 'X', name: 'x' }, phase: 'latent' })],
          'lb-2': [finding('broken', 'lb-2', { culprit: { kind: 'X', name: 'x' }, severity: 'warn' })],
        },
      }),
    ]);
    expect(report.rootCauses.map(({ severity, phase, affected }) => `${severity} ${phase} ${affected.n}`)).toEqual([
      'fail active 1',
      'warn active 1',
      'fail latent 1',
    ]);
  });

  it('come active before latent, then by severity, stage, number affected and id', () => {
    const report = judged([
      fakeCheck('z-latent', { stage: 'access', says: everybody('broken', { phase: 'latent' }) }),
      fakeCheck('y-warn', { stage: 'access', says: everybody('odd') }),
      fakeCheck('x-late', { stage: 'controller', says: everybody('broken') }),
      fakeCheck('w-one', { stage: 'files', says: { 'lb-1': [finding('broken', 'lb-1')] } }),
      fakeCheck('v-all', { stage: 'files', says: everybody('broken') }),
      fakeCheck('b-one', { stage: 'files', says: { 'lb-1': [finding('broken', 'lb-1')] } }),
    ]);
    expect(report.rootCauses.map(({ check }) => check)).toEqual([
      'v-all',
      'b-one',
      'w-one',
      'x-late',
      'y-warn',
      'z-latent',
    ]);
  });

  it('are proven when all before them was seen and good, and else the earliest that was seen', () => {
    const after = (id: string) => fakeCheck('last', { after: [id], says: { 'lb-0': [finding('broken', 'lb-0')] } });
    const certainty = (says: Parameters<typeof fakeCheck>[1]) =>
      judged([fakeCheck('before', says), after('before')]).rootCauses.find(({ check }) => check === 'last');
    expect(certainty({})).toMatchObject({ certainty: 'proven', unseenUpstream: [] });
    expect(certainty({ says: { 'lb-0': dark } })).toMatchObject({
      certainty: 'earliest-seen',
      unseenUpstream: ['before'],
    });
    expect(certainty({ says: { 'lb-1': dark } })).toMatchObject({ certainty: 'proven' });
    expect(certainty({ says: { 'lb-0': cannotTell(unknown('needs-live', 'files')) } })).toMatchObject({
      certainty: 'earliest-seen',
    });
    expect(certainty({ says: { 'lb-0': cannotTell(unknown('nothing-uses-it', 'no')) } })).toMatchObject({
      certainty: 'proven',
    });
  });

  it('are not proven while something between them and another failure is blocked', () => {
    const report = judged([
      fakeCheck('a', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
      fakeCheck('b', { after: ['a'], says: { 'lb-0': dark } }),
      fakeCheck('c', { after: ['b'], says: { 'lb-0': [finding('broken', 'lb-0')] } }),
    ]);
    expect(report.rootCauses.map(({ check, certainty, unseenUpstream }) => [check, certainty, unseenUpstream])).toEqual(
      [
        ['a', 'proven', []],
        ['c', 'earliest-seen', ['b']],
      ],
    );
  });
});

describe('the time to outage', () => {
  const outage = (at: number) => ({ findings: [], outage: { at, because: 'it ends' } });
  it('is the earliest end of all, with its subject', () => {
    const at = Date.parse('2026-03-01T12:30:00Z');
    const report = judged([fakeCheck('a', { says: { 'lb-0': outage(at + 1_000), 'lb-1': outage(at) } })]);
    expect(report.timeToOutage).toEqual({
      state: 'known',
      at: '2026-03-01T12:30:00.000Z',
      seconds: 1_800,
      because: 'it ends',
      subject: { kind: 'Pod', namespace: 'edge', name: 'lb-1' },
    });
  });

  it('is negative when it is over', () => {
    const report = judged([fakeCheck('a', { says: { 'lb-0': outage(Date.parse('2026-03-01T11:59:00Z')) } })]);
    expect(report.timeToOutage).toMatchObject({ state: 'known', seconds: -60 });
  });

  it('is none when what was seen does not end, and unknown when it was not seen', () => {
    const none = { findings: [], outage: 'none' as const };
    const identity = (says: Parameters<typeof fakeCheck>[1]) =>
      judged([fakeCheck('a', { stage: 'identity', ...says })]).timeToOutage.state;
    expect(identity({ says: { 'lb-0': none, 'lb-1': none, 'lb-2': none } })).toBe('none');
    expect(identity({ says: { 'lb-0': none, 'lb-1': dark, 'lb-2': none } })).toBe('unknown');
    expect(identity({})).toBe('unknown');
  });

  const gone = { findings: [finding('broken', 'lb-0')], outage: 'not-begun' as const };
  it('is unknown where no SVID has arrived, and says in which pods', () => {
    const report = judged([fakeCheck('a', { stage: 'identity', says: { 'lb-0': gone, 'lb-2': gone } })]);
    expect(report.timeToOutage).toEqual({ state: 'unknown', because: 'no SVID has arrived in lb-0, lb-2' });
  });

  it('is that of the pods that have an SVID, beside those that have none', () => {
    const ends = outage(Date.parse('2026-03-01T12:30:00Z'));
    const report = judged([fakeCheck('a', { stage: 'identity', says: { 'lb-0': gone, 'lb-1': ends } })]);
    expect(report.timeToOutage).toMatchObject({
      state: 'known',
      seconds: 1_800,
      because: 'it ends; no SVID has arrived in lb-0',
      subject: { name: 'lb-1' },
    });
  });

  it('counts what a blocked check and one that could not tell saw end', () => {
    const at = Date.parse('2026-03-01T12:30:00Z');
    const root = fakeCheck('root', { says: { 'lb-0': [finding('broken', 'lb-0')] } });
    const follows = { ...outage(at), findings: [finding('follows', 'lb-0')] };
    const blocked = judged([root, fakeCheck('a', { after: ['root'], stage: 'identity', says: { 'lb-0': follows } })]);
    expect(blocked.results.find(({ check, subject }) => check === 'a' && subject.name === 'lb-0')?.state).toBe(
      'blocked',
    );
    expect(blocked.timeToOutage).toMatchObject({ state: 'known', seconds: 1_800 });
    const vague = { ...outage(at), cannotTell: unknown('rotating', 'half-way') };
    const unsure = judged([fakeCheck('a', { stage: 'identity', says: { 'lb-0': vague } })]);
    expect(unsure.timeToOutage).toMatchObject({ state: 'known', seconds: 1_800 });
  });

  it('passes over an end that no calendar has', () => {
    const report = judged([fakeCheck('a', { says: { 'lb-0': outage(Number.NaN), 'lb-1': outage(1e20) } })]);
    expect(report.timeToOutage.state).toBe('unknown');
  });
});
