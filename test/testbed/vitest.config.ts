import { defineConfig } from 'vitest/config';

/** Whole installations with real programs; minutes. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/testbed/**/*.slow.ts'],
    testTimeout: 120_000,
    maxWorkers: 2,
    // What the first proof of a process has loaded and compiled serves all of them.
    isolate: false,
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=32', '--single-threaded-gc'],
    // Real programs on a busy machine: what fails once is looked at a second time.
    retry: 1,
    reporters: ['default', './test/testbed/proof/matrix.ts', './test/plain-summary.ts'],
  },
});
