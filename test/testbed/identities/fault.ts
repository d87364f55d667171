import { expect } from 'vitest';
import type { DoctorReport } from '../../../src/doctor/report.ts';
import type { EditableObject } from '../../scenario/field-edit.ts';
import type { Expected } from '../faults/fault.ts';
import { findingsOf, judgeReport, unknownsOf } from '../proof/judge-report.ts';
import { runDoctor, runLine } from '../proof/run-doctor.ts';
import type { ObjectKey } from '../seams.ts';
import type { RealInstallation } from './installation.ts';
import { story } from './looks.ts';

/** Nothing that happened so long ago, in milliseconds, counts as just happening. */
const A_WHILE = 300_000;

/** What the doctor says of the installation. */
export async function diagnose({ testbed }: RealInstallation): Promise<DoctorReport> {
  await testbed.settle();
  const { stdout, stderr, exitCode } = await runDoctor(['doctor', '-o', 'json'], testbed.env);
  if (stdout === '') throw new Error(`the doctor ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}

/**
 * Fails with what everybody said unless the doctor finds nothing at all. Belongs behind a rotation: between the helper's
 * writing and the reloader's next look, seconds later, the doctor rightly says that it cannot tell.
 */
export async function expectGreen(real: RealInstallation): Promise<void> {
  const report = await diagnose(real);
  const seen = { verdict: report.verdict, findings: findingsOf(report), unknowns: unknownsOf(report) };
  expect(seen, story(real.testbed)).toEqual({ verdict: 'healthy', findings: [], unknowns: [] });
}

/** Fails unless the doctor names this root cause first and finds nothing else; then does what it prints. */
export async function expectCause(
  real: RealInstallation,
  expected: Expected,
  also: readonly string[] = [],
): Promise<void> {
  const report = await diagnose(real);
  const { diagnosis, alarms, cause } = judgeReport(report, expected, also);
  const named = report.rootCauses.map(({ check, message, culprit, text }) => ({ check, message, culprit, text }));
  const told = `${JSON.stringify({ named, unknowns: unknownsOf(report) }, undefined, 2)}\n${story(real.testbed)}`;
  expect({ diagnosis, alarms }, told).toEqual({ diagnosis: 'root', alarms: [] });
  for (const command of cause?.fix?.commands ?? []) {
    const { exitCode, stdout, stderr } = await runLine(command, real.testbed.env);
    expect(exitCode, `$ ${command}\n${stdout}${stderr}`).toBe(0);
  }
  await real.testbed.settle();
}

/** Changes an object in the way of an upgrade, and lets the cluster act. Throws when it is gone. */
export async function edit(
  { testbed: { store, settle } }: RealInstallation,
  key: ObjectKey,
  change: (object: EditableObject) => void,
): Promise<void> {
  const object = store.get(key);
  if (object === undefined) throw new Error(`${key.kind} ${key.name} is gone`);
  change(object);
  store.update(object, { manager: 'helm' });
  await settle();
}

/** Lets it be long ago that something was done. */
export function later({ testbed }: RealInstallation): void {
  testbed.age(A_WHILE);
}
