import { defineConfig } from 'vitest/config';

/** Whole installations with real programs; minutes. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/testbed/**/*.slow.ts'],
    testTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default', './test/testbed/proof/matrix.ts', './test/plain-summary.ts'],
  },
});
