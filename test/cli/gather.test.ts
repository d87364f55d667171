import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { defaultName } from '../../src/cli/collect-command.ts';
import { whatToGather } from '../../src/cli/what-to-gather.ts';
import { factReaders } from '../../src/evidence/facts/index.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';

const EMPTY: Snapshot = {
  apiVersion: 'haptic-spire.dev/v1',
  kind: 'Snapshot',
  tool: { name: 'test', version: '0' },
  observedAt: '2026-11-22T03:00:00Z',
  source: { kind: 'live' },
  objects: [],
  coverage: [],
  logs: [],
  probes: [],
  notCollected: [],
  redactions: [],
  requests: { list: 0, exec: 0, log: 0, other: 0 },
  notes: [],
};

describe('what is gathered', () => {
  it('is what the selected checks and those before them read, and no more', () => {
    const image = whatToGather(checks, ['helper-image-tag'], factReaders);
    expect(image).toContain('pods');
    expect(image).not.toContain('probe');
    const loaded = whatToGather(checks, ['cert-loaded'], factReaders);
    expect(loaded).toEqual(expect.arrayContaining(['probe', 'helper-logs', 'spiffe-ids']));
    expect(new Set(whatToGather(checks, undefined, factReaders)).size).toBeGreaterThanOrEqual(loaded.length);
  });
});

describe('the name of a snapshot', () => {
  it.each([
    ['prod', 'haptic-spire-prod-20261122T030000Z.json.gz'],
    ['arn:aws:eks:eu-1:1:cluster/prod', 'haptic-spire-arn_aws_eks_eu-1_1_cluster_prod-20261122T030000Z.json.gz'],
    ['../../etc\u0000/x\u202e', 'haptic-spire-.._.._etc_x_-20261122T030000Z.json.gz'],
    [undefined, 'haptic-spire-cluster-20261122T030000Z.json.gz'],
  ])('of context %j cannot leave the folder', (context, name) => {
    const snapshot = { ...EMPTY, source: { kind: 'live' as const, ...(context === undefined ? {} : { context }) } };
    expect(defaultName(snapshot, Date.parse('2026-11-22T03:00:00Z'))).toBe(name);
  });
});
