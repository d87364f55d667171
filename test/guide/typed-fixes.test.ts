import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { casesOf, runCase } from '../checks/run-case.ts';

/** Messages that no kubectl command can mend, and why. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  'controller-placeholder': [],
  // HAProxy has nothing better to load: what keeps SPIRE from issuing is another finding's business.
  'cert-loaded': ['expired'],
  'spiffe-dir': [],
  'file-ownership': [],
  'helper-config-syntax': [],
  // What stands between the nodes and a registry is no object of the API.
  'helper-image-tag': ['registry-unreachable'],
};

describe.each(Object.entries(BY_HAND))('%s on a cluster', (id, byHand) => {
  const check = checks.find((candidate) => candidate.id === id);

  it('prints commands for every message that a command can mend', async () => {
    if (!check) throw new Error(`no check ${id}`);
    const mended = new Set<string>();
    const seen = new Set<string>();
    for (const { file } of casesOf(id)) {
      const { results } = await runCase(check, { ...file, source: 'live', complete: true });
      for (const { message, fix } of results.flatMap(({ findings }) => findings)) {
        seen.add(message);
        if (fix && fix.commands.length > 0 && fix.manual === undefined) mended.add(message);
      }
    }
    expect([...seen].filter((message) => !mended.has(message)).toSorted()).toEqual(byHand);
    expect(seen.size).toBeGreaterThan(5);
  });
});
