import { describe, expect, it } from 'vitest';
import { Limit } from '../../src/sources/live/limit.ts';
import { gatherFrom, healthyCluster, withHaproxyPods } from './cluster.ts';

/** Actions that begin when the limit lets them, and end when they are told to. */
function actionsUnder(limit: Limit) {
  const begun: string[] = [];
  const endings = new Map<string, () => void>();
  return {
    begun,
    ask: (name: string) =>
      void limit.run(async () => {
        begun.push(name);
        await new Promise<void>((resolve) => endings.set(name, resolve));
      }),
    end: async (name: string) => {
      endings.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('a limit', () => {
  it('lets so many begin, and one more, the first that waits, for each that ends', async () => {
    const { ask, begun, end } = actionsUnder(new Limit(2));
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('that is widened lets one more begin for good', async () => {
    const limit = new Limit(1);
    const { ask, begun, end } = actionsUnder(limit);
    for (const name of ['a', 'b', 'c']) ask(name);
    limit.widen();
    await end('');
    expect(begun).toEqual(['a', 'b']);
    await end('a');
    await end('b');
    await end('c');
    for (const name of ['d', 'e', 'f']) ask(name);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('requests beside probes', () => {
  it('are as many as probes may be, and as many more once no pod is left', async () => {
    const [concurrency, pods] = [2, 4];
    const controller = new AbortController();
    const cluster = await healthyCluster();
    let hanging = 0;
    const whileProbing: number[] = [];
    await gatherFrom({
      server: {
        objects: withHaproxyPods(cluster.objects, pods),
        fault: ({ verb }) => (verb === 'log' ? { fault: 'hang' } : undefined),
        onHang: () => {
          hanging += 1;
          if (hanging === 2 * concurrency) controller.abort();
        },
        exec: (call) => {
          whileProbing.push(hanging);
          return cluster.exec(call);
        },
      },
      request: { concurrency },
      io: { signal: controller.signal },
    });
    expect(whileProbing).toHaveLength(pods);
    for (const count of whileProbing) expect(count).toBeLessThanOrEqual(concurrency);
    expect(hanging).toBe(2 * concurrency);
  });
});
