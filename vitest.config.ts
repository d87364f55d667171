import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // One process reads the program, the checks and the recorded installation once for all of its files: no test
    // changes what another one imports.
    isolate: false,
    // Left to itself Vitest spares one processor, which on a machine of two is half of them.
    maxWorkers: '100%',
    reporters: ['default', './test/plain-summary.ts'],
  },
});
