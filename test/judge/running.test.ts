import { describe, expect, it } from 'vitest';
import { inOrder } from '../../src/doctor/after.ts';
import { CannotRun } from '../../src/doctor/cannot-run.ts';
import { cannotTell } from '../../src/doctor/check.ts';
import { unknown, type Why } from '../../src/evidence/reading.ts';
import type { NotCollected } from '../../src/evidence/snapshot.ts';
import { everybody, fakeCheck, finding, judged, release, snapshotOf, states } from './fakes.ts';

const dark = (why: Why = 'timeout') => cannotTell(unknown(why, 'nobody answered'));
const broken = fakeCheck('broken', { says: everybody('broken') });
const odd = fakeCheck('odd', { says: everybody('odd') });
const good = fakeCheck('good');
const unseen = fakeCheck('unseen', { says: { 'lb-0': dark() } });

describe('the exit code', () => {
  it.each([
    ['fail', [good], 0, 'healthy'],
    ['fail', [odd], 0, 'degraded'],
    ['warn', [odd], 1, 'degraded'],
    ['fail', [broken], 1, 'broken'],
    ['never', [broken], 0, 'broken'],
    ['fail', [unseen], 2, 'inconclusive'],
    ['never', [broken, unseen], 2, 'broken'],
    ['fail', [broken, unseen], 1, 'broken'],
    ['fail', [odd, unseen], 2, 'inconclusive'],
    ['warn', [odd, unseen], 1, 'inconclusive'],
  ] as const)('with --fail-on %s and %j is as the contract says', (failOn, checks, exitCode, verdict) => {
    const report = judged(checks, { failOn });
    expect([report.exitCode, report.verdict]).toEqual([exitCode, verdict]);
  });

  it.each([
    [['*'], 0],
    [['unseen'], 0],
    [['unseen:timeout'], 0],
    [['unseen:forbidden'], 2],
    [['good'], 2],
  ])('with --allow-unknown %j is %i, and the verdict does not change', (allowUnknown, exitCode) => {
    const report = judged([unseen, good], { allowUnknown });
    expect([report.exitCode, report.verdict]).toEqual([exitCode, 'inconclusive']);
  });

  it('is not excused for a crash by any allowance', () => {
    const crash = fakeCheck('crash', { says: { 'lb-0': () => [finding('no-such-message', 'lb-0')] } });
    expect(() => judged([crash], { allowUnknown: ['*'] })).toThrow(/no message called/);
    const thrown = fakeCheck('crash', {
      says: {
        'lb-0': () => {
          throw new Error('x');
        },
      },
    });
    expect(judged([thrown], { allowUnknown: ['*'] }).exitCode).toBe(2);
  });

  it('does not become 2 by what is blocked', () => {
    const after = fakeCheck('after', { after: ['broken'], says: { 'lb-0': dark(), 'lb-1': dark(), 'lb-2': dark() } });
    expect(judged([broken, after], { failOn: 'never' }).exitCode).toBe(0);
  });
});

describe('a selection of checks', () => {
  const chain = [
    fakeCheck('a', { says: { 'lb-0': [finding('broken', 'lb-0')] } }),
    fakeCheck('b', { after: ['a'] }),
    fakeCheck('c', { after: ['b'], says: { 'lb-0': [finding('follows', 'lb-0')] } }),
    fakeCheck('d', { says: everybody('broken') }),
  ];
  const report = judged(chain, { selected: ['c'] });

  it('brings its ancestors, marked as not selected, and nothing else', () => {
    expect(new Set(report.results.map(({ check, selected }) => `${check} ${selected}`))).toEqual(
      new Set(['a false', 'b false', 'c true']),
    );
  });

  it('counts ancestors for root causes, blocks and the exit code, and not in the summary', () => {
    expect(report.rootCauses.map(({ check }) => check)).toEqual(['a']);
    expect(report.exitCode).toBe(1);
    expect(report.summary).toEqual({ ok: 2, warn: 0, fail: 0, blocked: 1, unknown: 0, skipped: 0, crashed: 0 });
  });
});

describe('the order of checks', () => {
  it('puts ancestors first and refuses circles and strangers', () => {
    expect(inOrder([fakeCheck('b', { after: ['a'] }), fakeCheck('a')]).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(() => inOrder([fakeCheck('a', { after: ['b'] }), fakeCheck('b', { after: ['a'] })])).toThrow(/a → b → a/);
    expect(() => inOrder([fakeCheck('a', { after: ['x'] })])).toThrow(/x, which is no check/);
  });
});

describe('results', () => {
  it('are sorted by stage, check, namespace, kind, name', () => {
    const two = snapshotOf({
      objects: [...release('zone', { pods: 2 }), ...release('area', { pods: 2, prefix: 'gw' })],
    });
    const report = judged(
      [fakeCheck('z', { stage: 'spire' }), fakeCheck('b', { stage: 'haproxy' }), fakeCheck('a', { stage: 'haproxy' })],
      {},
      two,
    );
    expect(report.results.map(({ check, subject }) => `${check} ${subject.namespace}/${subject.name}`)).toEqual(
      ['z', 'a', 'b'].flatMap((check) => [
        `${check} area/gw-0`,
        `${check} area/gw-1`,
        `${check} zone/lb-0`,
        `${check} zone/lb-1`,
      ]),
    );
  });

  it('of two runs over one snapshot differ in metadata only', () => {
    const first = judged([broken, odd, unseen, good], { generatedAt: 1, durationMs: 2 });
    const second = judged([good, unseen, odd, broken], { generatedAt: 3, durationMs: 4 });
    expect({ ...second, metadata: undefined }).toEqual({ ...first, metadata: undefined });
    expect(second.metadata.generatedAt).not.toBe(first.metadata.generatedAt);
  });

  it('do not depend on the order in which objects were gathered', () => {
    const first = judged([broken, odd, unseen]);
    const second = judged([broken, odd, unseen], {}, snapshotOf({ objects: release().toReversed() }));
    expect(second.results).toEqual(first.results);
    expect(second.rootCauses.map(({ check, affected }) => [check, affected])).toEqual(
      first.rootCauses.map(({ check, affected }) => [check, affected]),
    );
  });

  it('link the page of the check, the message’s entry and the guide’s heading', () => {
    const [result] = judged([broken]).results;
    expect(result?.docs).toContain('https://docs.example');
    expect(result?.docs).toContain('broken');
    expect(result?.findings[0]?.docs).toMatch(/#broken$/);
    expect(result?.guide).toBe('https://guide.example#verification');
  });
});

describe('filters', () => {
  const two = snapshotOf({
    objects: [...release('edge'), ...release('other', { pods: 1, prefix: 'gw', instance: 'gateway' })],
  });
  const namesFor = (filter: Parameters<typeof judged>[1]) => [
    ...new Set(judged([good], filter, two).results.map(({ subject }) => subject.name)),
  ];

  it('narrow by namespace, release, pod and selector', () => {
    expect(namesFor({ filter: { namespace: 'other' } })).toEqual(['gw-0']);
    expect(namesFor({ filter: { release: 'gateway' } })).toEqual(['gw-0']);
    expect(namesFor({ filter: { pods: ['lb-1', 'gw-0'] } })).toEqual(['lb-1', 'gw-0']);
    expect(namesFor({ filter: { selector: 'index in (1,2)' } })).toEqual(['lb-1', 'lb-2']);
    expect(namesFor({ filter: { selector: 'index!=0', namespace: 'edge' } })).toEqual(['lb-1', 'lb-2']);
  });

  it('leave the controller in when HAProxy pods are chosen', () => {
    const check = fakeCheck('both', { more: fakeCheck('x', { subject: 'controller-pod' }).examinations });
    expect(states(judged([check], { filter: { pods: ['lb-1'] } }))).toEqual([
      'both lb-1: ok',
      'both lb-controller-0: ok',
    ]);
  });

  it.each([
    [{ release: 'nope' }, /no HAPTIC release is called 'nope'.*edge\/edge, other\/gateway/],
    [{ pods: ['lb-9'] }, /no HAProxy or controller pod is called 'lb-9'.*lb-0, lb-1, lb-2/],
    [{ pods: ['lb-config'] }, /no HAProxy or controller pod is called 'lb-config'/],
    [{ namespace: 'nowhere' }, /no HAPTIC release matches/],
    [{ namespace: 'other', release: 'edge' }, /no HAPTIC release is called 'edge' in namespace other/],
  ])('that match nothing (%j) end the run with what there is', (filter, message) => {
    expect(() => judged([good], { filter }, two)).toThrow(CannotRun);
    expect(() => judged([good], { filter }, two)).toThrow(message);
  });

  it('do not take a pod for missing that may not be listed', () => {
    const refusal = {
      target: { what: 'objects', kind: 'Pod' } as const,
      why: 'forbidden' as const,
      detail: 'no pods for you',
      rule: { verb: 'list', group: '', resource: 'pods' },
    };
    const objects = release('edge').filter(({ kind }) => kind !== 'Pod');
    const snapshot = snapshotOf({ objects, without: ['Pod'], notCollected: [refusal] });
    const report = judged([good], { filter: { pods: ['lb-9'] } }, snapshot);
    expect(report.results).toMatchObject([{ state: 'unknown', why: 'forbidden', rule: { resource: 'pods' } }]);
    expect(report.exitCode).toBe(2);
  });

  it('say that no pod has these labels rather than nothing', () => {
    const report = judged([good], { filter: { selector: 'index=7', namespace: 'edge' } }, two);
    expect(report.results).toMatchObject([{ state: 'unknown', why: 'no-subject' }]);
    expect(report.exitCode).toBe(2);
  });
});

describe('an empty cluster', () => {
  const refusal = (kind: string): NotCollected => ({
    target: { what: 'objects', kind },
    why: 'forbidden',
    detail: `${kind} is forbidden`,
    rule: { verb: 'list', group: '', resource: kind.toLowerCase() },
  });

  it('ends the run when every list succeeded', () => {
    expect(() => judged([good], {}, snapshotOf({ objects: [] }))).toThrow(/no HAPTIC found/);
  });

  it('ends the run in files, complete or not', () => {
    for (const complete of [true, false]) {
      expect(() =>
        judged([good], {}, snapshotOf({ objects: [], source: { kind: 'manifests', files: ['x.yaml'], complete } })),
      ).toThrow(/no HAPTIC found in these files/);
    }
  });

  it.each(['Pod', 'Deployment', 'DaemonSet', 'HAProxyTemplateConfig'])(
    'is inconclusive when %s could not be listed, with the rule to ask for',
    (kind) => {
      const report = judged(
        [good, broken],
        {},
        snapshotOf({ objects: [], without: [kind], notCollected: [refusal(kind)] }),
      );
      expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
      expect(report.results.map(({ check, state, why, rule }) => [check, state, why, rule?.resource])).toEqual([
        ['broken', 'unknown', 'forbidden', kind.toLowerCase()],
        ['good', 'unknown', 'forbidden', kind.toLowerCase()],
      ]);
    },
  );

  it('of one namespace ends the run when that namespace was listed', () => {
    const snapshot = snapshotOf({ objects: [] });
    const narrow = { ...snapshot, coverage: snapshot.coverage.map(({ kind }) => ({ kind, namespace: 'edge' })) };
    expect(() => judged([good], { filter: { namespace: 'edge' } }, narrow)).toThrow(/no HAPTIC found/);
  });
});

describe('a release that wants no identities', () => {
  const plain = release('plain', { identities: false, prefix: 'gw', pods: 1 });

  it('alone ends the run: nothing is wanted, so nothing is healthy', () => {
    expect(() => judged([good], {}, snapshotOf({ objects: plain }))).toThrow(
      /nothing shows that mTLS by SPIFFE is wanted \(HAPTIC found: plain\/plain\)/,
    );
  });

  it('ends the run too when it is the only one asked about', () => {
    const both = snapshotOf({ objects: [...release(), ...plain] });
    expect(() => judged([good], { filter: { namespace: 'plain' } }, both)).toThrow(/nothing shows that mTLS/);
  });

  it('is skipped beside one that does', () => {
    const report = judged([broken], {}, snapshotOf({ objects: [...release(), ...plain] }));
    expect(states(report)).toEqual([
      'broken lb-0: fail',
      'broken lb-1: fail',
      'broken lb-2: fail',
      'broken gw-0: skipped',
    ]);
    expect(report.rootCauses[0]?.affected).toEqual({ n: 3, of: 3 });
  });

  it('is unknown while the object that would hold the snippet may not be read', () => {
    const objects = plain.filter(({ kind }) => kind !== 'HAProxyTemplateConfig');
    const notCollected: NotCollected[] = [
      { target: { what: 'objects', kind: 'HAProxyTemplateConfig' }, why: 'forbidden', detail: 'no' },
    ];
    const report = judged([good], {}, snapshotOf({ objects, without: ['HAProxyTemplateConfig'], notCollected }));
    expect(report.results).toMatchObject([{ state: 'unknown', why: 'forbidden' }]);
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
  });
});

describe('a node that is not ready', () => {
  it('leaves its pods skipped, whatever a check would say', () => {
    const node = {
      kind: 'Node',
      metadata: { name: 'node-1' },
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    };
    const report = judged([broken], {}, snapshotOf({ objects: [...release(), node] }));
    expect(states(report)).toEqual(['broken lb-0: fail', 'broken lb-1: skipped', 'broken lb-2: fail']);
    expect(report.results[1]).toMatchObject({ why: 'node-not-ready' });
  });

  it('that is the only one leaves nothing to call healthy', () => {
    const nodes = [0, 1, 2].map((number) => ({
      kind: 'Node',
      metadata: { name: `node-${number}` },
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    }));
    const report = judged([good], {}, snapshotOf({ objects: [...release(), ...nodes] }));
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
    expect(states(report)).toEqual([
      expect.stringMatching(/^good .*: unknown$/),
      'good lb-0: skipped',
      'good lb-1: skipped',
      'good lb-2: skipped',
    ]);
  });
});
