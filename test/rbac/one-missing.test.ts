import { expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { whatToGather } from '../../src/cli/what-to-gather.ts';
import { factReaders } from '../../src/evidence/facts/index.ts';
import { permissionsFor } from '../../src/sources/live/rules.ts';
import { casesOf } from '../checks/run-case.ts';
import { buildScenario } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';
import type { Grant } from './authorizer.ts';
import { grantsFor, installed, runAs, type WayRun } from './ways.ts';

type Checks = readonly string[];

/** What becomes of the checks of a healthy installation without one permission; the others stay as they are. */
interface Without {
  /** Cannot say anything. */
  readonly unknown?: Checks;
  /** Can tell by other evidence, and list what they did not see. */
  readonly inPart?: Checks;
}

/** Where nothing is said, only a fault would have made a check look there. `get configmaps` stands for all of them. */
const WITHOUT: Readonly<Record<string, Without>> = {
  'list pods': {
    unknown: ['cert-loaded', 'san-contents', 'svid-issued', 'svid-valid'],
    inPart: [
      'controller-placeholder',
      'csi-socket-name',
      'file-ownership',
      'helper-config-syntax',
      'helper-image-tag',
      'spiffe-dir',
    ],
  },
  'list deployments.apps': { inPart: ['spiffe-dir'] },
  'list daemonsets.apps': { inPart: ['csi-socket-name', 'san-contents'] },
  'list replicasets.apps': { inPart: ['spiffe-dir'] },
  'list statefulsets.apps': {},
  'list haproxytemplateconfigs.haproxy-haptic.org': { unknown: ['controller-placeholder'] },
  'list haproxycfgs.haproxy-haptic.org': {
    unknown: ['cert-loaded'],
    inPart: ['controller-placeholder', 'helper-config-syntax'],
  },
  'list ingresses.networking.k8s.io': { unknown: ['cert-loaded', 'san-contents'] },
  'list services': {},
  'list endpoints': { unknown: ['san-contents'] },
  'list namespaces': {},
  'list nodes': {},
  'list events': { inPart: ['csi-socket-name', 'helper-image-tag', 'spiffe-dir'] },
  'list csidrivers.storage.k8s.io': { inPart: ['csi-socket-name'] },
  'list csinodes.storage.k8s.io': { inPart: ['csi-socket-name'] },
  'list clusterspiffeids.spire.spiffe.io': { unknown: ['san-contents'] },
  'get configmaps': {
    unknown: ['helper-config-syntax'],
    inPart: ['controller-placeholder', 'helper-image-tag', 'san-contents'],
  },
  'get pods/log': {
    inPart: [
      'cert-loaded',
      'controller-placeholder',
      'csi-socket-name',
      'file-ownership',
      'helper-config-syntax',
      'svid-issued',
    ],
  },
  'get pods/exec': {
    unknown: ['cert-loaded', 'san-contents', 'svid-valid'],
    inPart: ['csi-socket-name', 'file-ownership', 'spiffe-dir', 'svid-issued'],
  },
  'create pods/exec': {
    unknown: ['cert-loaded', 'san-contents', 'svid-valid'],
    inPart: ['csi-socket-name', 'file-ownership', 'spiffe-dir', 'svid-issued'],
  },
};

const wordsOf = ({ verb, group, resource }: Pick<Grant, 'verb' | 'group' | 'resource'>) =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;

const idsOf = (results: WayRun['report']['results']) => [...new Set(results.map(({ check }) => check))].toSorted();

/** Checks that declare evidence for which this is asked. */
function declaring(words: string): Checks {
  return checks.flatMap((check) => {
    const items = whatToGather([check], undefined, factReaders);
    return permissionsFor(items, { exec: true, logs: true }).some((one) => wordsOf(one) === words) ? [check.id] : [];
  });
}

/** Asks a healthy installation, or one that a check's case describes. */
async function runWithout(words?: string, change?: readonly Change[]): Promise<WayRun> {
  const grants = await grantsFor({ rbac: [] });
  const rest = grants.filter((grant) => wordsOf(grant) !== words);
  expect(grants.length - rest.length).toBe(words === undefined ? 0 : 1);
  return await runAs({ rbac: [] }, rest, change === undefined ? {} : installed(await buildScenario('live', change)));
}

it('with every rule that rbac prints, everything is judged and good', async () => {
  const { report } = await runWithout();
  expect(report.results.filter(({ state, unseen }) => state !== 'ok' || unseen.length > 0)).toEqual([]);
  expect([report.verdict, report.exitCode]).toEqual(['healthy', 0]);
});

it('every rule that rbac prints is looked at here', async () => {
  const grants = await grantsFor({ rbac: [] });
  expect(grants.map(wordsOf).toSorted()).toEqual(Object.keys(WITHOUT).toSorted());
});

it.each(Object.entries(WITHOUT))(
  'without "%s" exactly the checks that need it are unknown, with it named',
  async (words, { unknown: expected = [], inPart = [] }) => {
    const { report } = await runWithout(words);
    const unknown = report.results.filter(({ state }) => state === 'unknown');
    expect(idsOf(unknown)).toEqual(expected);
    for (const { rule, why } of unknown) expect([why, rule && wordsOf(rule)]).toEqual(['forbidden', words]);
    const [missing] = report.notCollected;
    expect(missing?.rule && wordsOf(missing.rule)).toBe(words);
    const changed = report.results.filter(({ state, unseen }) => state !== 'ok' || unseen.length > 0);
    expect(idsOf(changed)).toEqual([...expected, ...inPart].toSorted());
    expect(idsOf(changed).filter((id) => !declaring(words).includes(id))).toEqual([]);
    expect(report.results.filter(({ state }) => state !== 'ok' && state !== 'unknown')).toEqual([]);
    expect(report.exitCode).toBe(unknown.length > 0 ? 2 : 0);
  },
);

/** What only an installation with a fault makes a check look at; unseen.test.ts has all of them, without a server. */
it.each([
  ['list services', 'san-contents', 'backend-external', 'unknown'],
  ['list pods', 'san-contents', 'backend-not-selected', 'unknown'],
  ['list ingresses.networking.k8s.io', 'cert-loaded', 'snippet-missing', 'unknown'],
  ['list csidrivers.storage.k8s.io', 'csi-socket-name', 'driver-missing', 'in part'],
  ['list csinodes.storage.k8s.io', 'csi-socket-name', 'driver-not-on-node', 'in part'],
  ['list daemonsets.apps', 'csi-socket-name', 'no-agent-on-node', 'in part'],
  ['list replicasets.apps', 'spiffe-dir', 'pods-rejected', 'in part'],
  ['list haproxycfgs.haproxy-haptic.org', 'controller-placeholder', 'rejected', 'in part'],
  ['get pods/log', 'controller-placeholder', 'still-rejected', 'in part'],
  ['get configmaps', 'controller-placeholder', 'key-mismatch', 'in part'],
  ['get configmaps', 'helper-image-tag', 'too-old', 'in part'],
  ['get configmaps', 'svid-valid', 'intermediate-missing', 'in part'],
])('without "%s" %s does not call good what is not: %s is seen %s', async (words, id, name, seen) => {
  const change = casesOf(id).find((one) => one.name === name)?.file.change;
  if (change === undefined) throw new Error(`${id} has no case ${name}`);
  const mine = ({ report }: WayRun) => report.results.filter(({ check }) => check === id);
  const found = mine(await runWithout(undefined, change)).filter(({ state }) => state === 'fail');
  expect(found).not.toEqual([]);
  const less = mine(await runWithout(words, change));
  expect(less.map(({ state }) => state)).not.toContain('fail');
  const unknown = less.filter(({ state }) => state === 'unknown');
  for (const { rule } of unknown) expect(rule && wordsOf(rule)).toBe(words);
  const forbidden = less.flatMap(({ unseen }) => unseen.filter(({ why }) => why === 'forbidden'));
  expect(seen === 'unknown' ? unknown : forbidden).not.toEqual([]);
});

it.each([
  ['--no-logs', { noLogs: true }],
  ['--no-exec', { noExec: true }],
])(
  'of a healthy installation %s leaves unknown only what nothing else shows, and lists the rest',
  async (_flag, off) => {
    const { report } = await runAs({ rbac: [], ...off }, await grantsFor({ rbac: [] }), {});
    const unknown = report.results.filter(({ state }) => state === 'unknown');
    expect(idsOf(unknown)).toEqual('noExec' in off ? ['cert-loaded', 'san-contents', 'svid-valid'] : []);
    expect([...new Set(report.results.flatMap(({ unseen }) => unseen.map(({ why }) => why)))]).toEqual([
      'switched-off',
    ]);
    expect(report.exitCode).toBe(unknown.length > 0 ? 2 : 0);
  },
);
