import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import type { Fault } from './api-server/faults.ts';
import { gatherFrom } from './cluster.ts';

const FAULTS: readonly Fault[] = [
  { fault: 'status', status: 401, message: 'Unauthorized' },
  { fault: 'status', status: 403, message: 'no' },
  { fault: 'status', status: 404, message: 'not found' },
  { fault: 'status', status: 500, message: 'boom' },
  { fault: 'reset' },
  { fault: 'half' },
  { fault: 'garbage' },
];

const EXTENSIONS = ['ClusterSPIFFEID', 'HAProxyTemplateConfig', 'HAProxyCfg'];

describe('every single call that fails for good', () => {
  it.each(
    FAULTS.map((fault) => [fault.fault === 'status' ? `with ${fault.status}` : `by ${fault.fault}`, fault] as const),
  )(
    '%s leaves no gap unmentioned and brings nothing that was not there',
    async (_name, fault) => {
      const healthy = await gatherFrom();
      const known = new Set(parts(healthy.snapshot));
      const calls = new Map(healthy.server.requests.map((request) => [request.path, request]));
      for (const [path, { verb, kind }] of calls) {
        const { snapshot } = await gatherFrom({
          server: { fault: (request) => (request.path === path ? fault : undefined) },
        });
        expect(
          parts(snapshot).filter((part) => !known.has(part)),
          path,
        ).toEqual([]);
        // That there is no such kind or object is an answer too; and that nobody knows the version harms nothing.
        if (
          verb === 'other' ||
          (fault.fault === 'status' && fault.status === 404 && (verb === 'get' || EXTENSIONS.includes(kind)))
        )
          continue;
        const targets = snapshot.notCollected.map(({ target }) =>
          target.what === 'objects' ? target.kind : target.what,
        );
        expect(targets, path).toContain(verb === 'exec' ? 'probe' : verb === 'log' ? 'log' : kind);
      }
    },
    60_000,
  );
});

/** Everything that a snapshot holds, as comparable texts. */
function parts({ objects, logs, probes }: Snapshot): readonly string[] {
  return [...objects.map(({ object }) => object), ...logs, ...probes].map((part) => JSON.stringify(part));
}
