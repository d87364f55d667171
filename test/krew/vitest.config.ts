import { defineConfig } from 'vitest/config';

/** What takes minutes: real executables, the real krew. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/krew/*.slow.ts'],
    testTimeout: 300_000,
    hookTimeout: 400_000,
    fileParallelism: false,
    reporters: ['default', './test/plain-summary.ts'],
  },
});
