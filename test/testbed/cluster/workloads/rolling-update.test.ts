import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fraction, nextStep } from './rolling-update.ts';

const standing = fc
  .record({ wanted: fc.nat(6), ready: fc.nat(6) })
  .map(({ wanted, ready }) => ({ wanted, ready: Math.min(wanted, ready) }));
const limits = fc
  .record({ maxSurge: fc.nat(3), maxUnavailable: fc.nat(3) })
  .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0);

test('a step never gives up a ready pod that is needed, and never makes more pods than the surge allows', () => {
  const rollOuts = fc.record({
    replicas: fc.nat(6),
    limits,
    current: standing,
    old: fc.array(standing, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(rollOuts, ({ replicas, limits: { maxSurge, maxUnavailable }, current, old }) => {
      const next = nextStep({ replicas, maxSurge, maxUnavailable, current, old });
      const before = current.wanted + old.reduce((sum, { wanted }) => sum + wanted, 0);
      expect(next.current).toBeLessThanOrEqual(Math.max(replicas, 0));
      if (next.current > current.wanted) {
        expect(next.current - current.wanted + before).toBeLessThanOrEqual(replicas + maxSurge);
      }
      const readyOld = old.reduce((sum, { ready }) => sum + ready, 0);
      const keptReady = old.reduce((sum, { ready }, index) => sum + Math.min(ready, next.old[index] ?? 0), 0);
      if (keptReady < readyOld) expect(current.ready + keptReady).toBeGreaterThanOrEqual(replicas - maxUnavailable);
    }),
  );
});

test('a roll-out whose pods become ready ends with the wanted number of new ones', () => {
  fc.assert(
    fc.property(
      fc.nat(6),
      limits,
      fc.array(standing, { maxLength: 3 }),
      (replicas, { maxSurge, maxUnavailable }, start) => {
        let current = { wanted: 0, ready: 0 };
        let old: readonly { wanted: number; ready: number }[] = start;
        for (let step = 0; step < 60; step += 1) {
          const next = nextStep({ replicas, maxSurge, maxUnavailable, current, old });
          current = { wanted: next.current, ready: next.current };
          old = old.map(({ ready }, index) => ({
            wanted: next.old[index] ?? 0,
            ready: Math.min(ready, next.old[index] ?? 0),
          }));
        }
        expect({ current: current.wanted, old: old.map(({ wanted }) => wanted) }).toEqual({
          current: replicas,
          old: start.map(() => 0),
        });
      },
    ),
  );
});

test('a share of the replicas is rounded up for the surge and down for what may lack', () => {
  expect([
    fraction('25%', 2, 'up'),
    fraction('25%', 2, 'down'),
    fraction(3, 2, 'up'),
    fraction('50%', 4, 'down'),
  ]).toEqual([1, 0, 3, 2]);
});
