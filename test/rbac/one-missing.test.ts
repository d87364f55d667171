import { expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { whatToGather } from '../../src/cli/what-to-gather.ts';
import { factReaders } from '../../src/evidence/facts/index.ts';
import { permissionsFor } from '../../src/sources/live/rules.ts';
import { healthyCluster } from '../live/cluster.ts';
import type { Grant } from './authorizer.ts';
import { grantsFor, runAs, type WayRun } from './ways.ts';

type Checks = readonly string[];

/**
 * Checks that cannot say anything about a healthy installation without one permission. Others that declare evidence for
 * which it is asked may be able to tell by other evidence; then they list what they did not see. `get configmaps` stands
 * for all of them.
 */
const IMPOSSIBLE_WITHOUT: Readonly<Record<string, Checks>> = {
  'list pods': ['cert-loaded', 'san-contents', 'svid-issued', 'svid-valid'],
  'list deployments.apps': [],
  'list daemonsets.apps': [],
  'list replicasets.apps': [],
  'list statefulsets.apps': [],
  'list haproxytemplateconfigs.haproxy-haptic.org': ['controller-placeholder'],
  'list haproxycfgs.haproxy-haptic.org': [],
  'list ingresses.networking.k8s.io': ['san-contents'],
  'list services': [],
  'list endpoints': ['san-contents'],
  'list namespaces': [],
  'list nodes': [],
  'list events': [],
  'list csidrivers.storage.k8s.io': [],
  'list csinodes.storage.k8s.io': [],
  'list clusterspiffeids.spire.spiffe.io': ['san-contents'],
  'get configmaps': ['helper-config-syntax'],
  'get pods/log': [],
  'get pods/exec': ['cert-loaded', 'san-contents', 'svid-valid'],
  'create pods/exec': ['cert-loaded', 'san-contents', 'svid-valid'],
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

async function runWithout(words?: string): Promise<WayRun> {
  const grants = await grantsFor({ rbac: [] });
  const rest = grants.filter((grant) => wordsOf(grant) !== words);
  expect(grants.length - rest.length).toBe(words === undefined ? 0 : 1);
  const { objects } = await healthyCluster();
  return await runAs({ rbac: [] }, rest, objects);
}

it('with every rule that rbac prints, everything is judged and good', async () => {
  const { report } = await runWithout();
  expect(report.results.filter(({ state, unseen }) => state !== 'ok' || unseen.length > 0)).toEqual([]);
  expect([report.verdict, report.exitCode]).toEqual(['healthy', 0]);
});

it('every rule that rbac prints is looked at here', async () => {
  const grants = await grantsFor({ rbac: [] });
  expect(grants.map(wordsOf).toSorted()).toEqual(Object.keys(IMPOSSIBLE_WITHOUT).toSorted());
});

it.each(Object.entries(IMPOSSIBLE_WITHOUT))(
  'without "%s" checks that need it are unknown, with it named, and no other check changes',
  async (words, impossible) => {
    const { report } = await runWithout(words);
    const unknown = report.results.filter(({ state }) => state === 'unknown');
    expect(idsOf(unknown)).toEqual(expect.arrayContaining([...impossible]));
    for (const { rule, why } of unknown) expect([why, rule && wordsOf(rule)]).toEqual(['forbidden', words]);
    const [missing] = report.notCollected;
    expect(missing?.rule && wordsOf(missing.rule)).toBe(words);
    const changed = report.results.filter(({ state, unseen }) => state !== 'ok' || unseen.length > 0);
    expect(idsOf(changed).filter((id) => !declaring(words).includes(id))).toEqual([]);
    expect(report.results.filter(({ state }) => state !== 'ok' && state !== 'unknown')).toEqual([]);
    expect(report.exitCode).toBe(unknown.length > 0 ? 2 : 0);
  },
);
