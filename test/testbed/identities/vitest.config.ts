import { defineConfig } from 'vitest/config';

/** Installations with the real SPIRE; a minute or two. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/testbed/identities/*.real.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // They wait for SPIRE most of the time.
    maxWorkers: 5,
    // Real programs on a busy machine: what fails once is looked at a second time.
    retry: 1,
    reporters: ['default', './test/plain-summary.ts'],
  },
});
