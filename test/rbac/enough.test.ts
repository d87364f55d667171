import { describe, expect, it } from 'vitest';
import { dig, type JsonObject, listAt, objectAt } from '../../src/evidence/json.ts';
import { healthyCluster } from '../live/cluster.ts';
import { allows, takes } from './authorizer.ts';
import { grantsFor, runAs, type Way } from './ways.ts';

const WAYS: Readonly<Record<string, Way>> = {
  everything: { rbac: [] },
  'one namespace': { rbac: ['-n', 'haptic'], namespace: 'haptic' },
  'one namespace with SPIRE and backends confined': {
    rbac: ['-n', 'haptic', '--spire-namespace', 'spire-server', '--backend-namespace', 'shop'],
    namespace: 'haptic',
  },
  '--no-exec': { rbac: ['--no-exec'], noExec: true },
  '--no-logs': { rbac: ['--no-logs'], noLogs: true },
  'neither exec nor logs': { rbac: ['--no-exec', '--no-logs'], noExec: true, noLogs: true },
  'one check': { rbac: ['--check', 'helper-image-tag'], selected: ['helper-image-tag'] },
  'a check and those that it comes after': { rbac: ['--check', 'svid-issued'], selected: ['svid-issued'] },
  'a check of the controller, --no-exec': {
    rbac: ['--check', 'controller-placeholder', '--no-exec'],
    selected: ['controller-placeholder'],
    noExec: true,
  },
};

/** The healthy installation, but with agents that are not ready: only then their logs are of interest. */
async function withAgentsInTrouble(): Promise<readonly JsonObject[]> {
  const { objects } = await healthyCluster();
  return objects.map((object) => {
    if (object.kind !== 'Pod' || !String(dig(object, 'metadata', 'name')).startsWith('spire-agent')) return object;
    const status = objectAt(object.status);
    const conditions = listAt(status.conditions).map((condition) =>
      dig(condition, 'type') === 'Ready' ? { ...objectAt(condition), status: 'False' } : condition,
    );
    const containerStatuses = listAt(status.containerStatuses).map((one) => ({ ...objectAt(one), ready: false }));
    return { ...object, status: { ...status, conditions, containerStatuses } };
  });
}

describe.each(Object.entries(WAYS))('the roles that rbac prints for %s', (_name, way) => {
  it('are enough, and hold nothing that is not used', async () => {
    const grants = await grantsFor(way);
    const { snapshot, requests } = await runAs(way, grants, { objects: await withAgentsInTrouble() });
    expect(snapshot.notCollected.filter(({ why }) => why !== 'switched-off')).toEqual([]);
    const used = requests.flatMap(takes);
    expect(grants.filter((grant) => !used.some((wanted) => allows([grant], wanted)))).toEqual([]);
  });
});

it('nothing that changes anything is granted, and no Secrets, and nothing by wildcard', async () => {
  for (const way of Object.values(WAYS)) {
    for (const { verb, group, resource } of await grantsFor(way)) {
      if (resource !== 'pods/exec') expect(['get', 'list']).toContain(verb);
      expect(`${group}/${resource}`).not.toMatch(/secrets|\*/);
      if (resource === 'configmaps') expect(verb).toBe('get');
    }
  }
});
