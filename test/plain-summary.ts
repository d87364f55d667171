import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one plain line, `vitest: 12 passed, 0 failed, 0 skipped`, and names what was skipped. */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    for (const test of tests.filter((one) => one.result().state === 'skipped')) {
      globalThis.process.stdout.write(`skipped: ${test.fullName}\n`);
    }
    const line = `vitest: ${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped`;
    globalThis.process.stdout.write(`\n${line}\n`);
  }
}
