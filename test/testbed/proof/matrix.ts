import { writeFileSync } from 'node:fs';
import { env, stdout } from 'node:process';
import type { Reporter, TestModule } from 'vitest/node';
import { FAULTS } from '../faults/index.ts';
import type { FaultProof, HealthyProof } from './prove.ts';

declare module 'vitest' {
  interface TaskMeta {
    faultProof?: FaultProof;
    healthyProof?: HealthyProof;
  }
}

/** The confusion matrix of a whole run. */
export interface Matrix {
  readonly faults: Readonly<Record<FaultProof['diagnosis'], number>>;
  readonly faultAlarms: number;
  readonly healthy: { readonly silent: number; readonly falseAlarm: number };
  readonly fixes: { readonly cured: number; readonly notCured: number; readonly byHand: number };
}

export function matrixOf(faults: readonly FaultProof[], healthy: readonly HealthyProof[]): Matrix {
  const diagnosed = (kind: FaultProof['diagnosis']) => faults.filter(({ diagnosis }) => diagnosis === kind).length;
  const cures = (kind: FaultProof['cure']) => faults.filter(({ cure }) => cure === kind).length;
  const silent = healthy.filter(({ alarms }) => alarms.length === 0).length;
  return {
    faults: {
      root: diagnosed('root'),
      found: diagnosed('found'),
      wrong: diagnosed('wrong'),
      missed: diagnosed('missed'),
    },
    faultAlarms: faults.filter(({ alarms }) => alarms.length > 0).length,
    healthy: { silent, falseAlarm: healthy.length - silent },
    fixes: { cured: cures('cured'), notCured: cures('not cured'), byHand: cures('by hand') },
  };
}

/** As Markdown: this is what the README shows. */
export function printMatrix({ faults, faultAlarms, healthy, fixes }: Matrix): string {
  return [
    '| faults | named first | named later | only others named | missed | with a false alarm beside |',
    '|---|---|---|---|---|---|',
    `| ${sum(faults)} | ${faults.root} | ${faults.found} | ${faults.wrong} | ${faults.missed} | ${faultAlarms} |`,
    '',
    '| healthy installations | silent | false alarm |',
    '|---|---|---|',
    `| ${sum(healthy)} | ${healthy.silent} | ${healthy.falseAlarm} |`,
    '',
    '| fixes | cured by the printed commands | not cured | only people can |',
    '|---|---|---|---|',
    `| ${sum(fixes)} | ${fixes.cured} | ${fixes.notCured} | ${fixes.byHand} |`,
    '',
  ].join('\n');
}

/** Prints the matrix at the end of a run, and by name what is not as it should be or was so only after a failure; `MATRIX` names a file for it too. */
export default class MatrixReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const metas = tests.map((one) => one.meta());
    const faults = metas.flatMap(({ faultProof }) => faultProof ?? []);
    const healthy = metas.flatMap(({ healthyProof }) => healthyProof ?? []);
    if (faults.length + healthy.length === 0) return;
    const matrix = printMatrix(matrixOf(faults, healthy));
    stdout.write(`\n${matrix}\n`);
    for (const { fault, because } of faults.filter(({ cure }) => cure === 'by hand'))
      stdout.write(`only people can: ${fault}: ${because}\n`);
    for (const { name, replayed } of FAULTS)
      if (replayed !== undefined && faults.some(({ fault }) => fault === name))
        stdout.write(`replayed: ${name}: ${replayed}\n`);
    for (const one of tests.filter((each) => each.diagnostic()?.flaky === true))
      stdout.write(`only at the second attempt: ${one.name}\n`);
    if (env.MATRIX !== undefined) writeFileSync(env.MATRIX, matrix);
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
