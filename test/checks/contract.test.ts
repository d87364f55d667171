import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import template from '../../checks/_template/check.ts';
import { checks } from '../../checks/index.ts';
import { inOrder } from '../../src/doctor/after.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { fillTemplate } from '../../src/doctor/template.ts';
import type { CaseFile, Expectation } from '../scenario/case-file.ts';
import { CHECKS, casesOf, outcomeOf, runCase, subjectName } from './run-case.ts';

const all: readonly (readonly [string, Check])[] = [
  ...checks.map((check) => [check.id, check] as const),
  ['_template', template],
];

describe('the list of checks', () => {
  it('has every folder and nothing else', () => {
    const folders = readdirSync(CHECKS, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== '_template',
    );
    expect(checks.map(({ id }) => id).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  it('has every id once and no cycle', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    expect(inOrder(checks)).toHaveLength(checks.length);
  });
});

describe.each(all)('%s', (folder, check) => {
  const cases = casesOf(folder);

  it('has a healthy case and one that cannot be judged', () => {
    expect(cases.map(({ name }) => name)).toContain('healthy');
    const healthy = cases.find(({ name }) => name === 'healthy');
    expect(
      Object.values(healthy?.file.expect ?? {}).every((expected) => Array.isArray(expected) && expected.length === 0),
    ).toBe(true);
    expect(cases.some(({ file }) => expectations(file).some((expected) => isState(expected, 'unknown')))).toBe(true);
  });

  it('has a case for every message', () => {
    const produced = new Set(
      cases.flatMap(({ file }) => expectations(file).flatMap((expected) => (isState(expected) ? [] : expected))),
    );
    expect([...produced].toSorted()).toEqual(Object.keys(check.messages).toSorted());
  });

  it('has a page with a section for every message and a heading of the guide', () => {
    const page = new URL(`${folder}/doc.md`, CHECKS);
    expect(existsSync(page)).toBe(true);
    const text = readFileSync(page, 'utf8');
    expect(/^---\n[\s\S]*?guide: (.+)\n/.exec(text)?.[1]?.replace(/^["']|["']$/g, '')).toBe(check.guide);
    const sections = [...text.matchAll(/^## (\S+)$/gm)].map(([, id]) => id);
    const anchors = Object.entries(check.messages).map(([id, message]) => message.anchor ?? id);
    expect(sections.toSorted()).toEqual([...new Set(anchors)].toSorted());
    for (const part of ['Symptom', 'Cause', 'Confirm', 'Fix']) {
      expect(
        text.match(new RegExp(`^\\*\\*${part}\\.\\*\\*`, 'gm'))?.length ?? 0,
        `${part} in every section`,
      ).toBeGreaterThanOrEqual(sections.length);
    }
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
      expect(existsSync(new URL(target, page)), target).toBe(true);
  });

  it('looks at all the evidence that it declares and at nothing else', async () => {
    const all = await Promise.all(cases.map(({ file }) => runOnce(check, file)));
    const touched = new Set(all.flatMap((run) => [...run.touched]));
    const declared = new Set(check.examinations.flatMap(({ needs, wants }) => [...needs, ...wants]));
    expect([...declared].filter((fact) => !touched.has(fact))).toEqual([]);
  });

  describe.each(cases.map(({ name, file }) => [name, file] as const))('%s', (_name, file) => {
    it('is judged as the case says', async () => {
      const { report } = await runOnce(check, file);
      const results = report.results.filter((result) => result.check === check.id);
      const actual = Object.fromEntries(results.map((result) => [subjectName(result), outcomeOf(result)]));
      for (const [subject, expected] of Object.entries(file.expect)) {
        if (isState(expected)) expect(actual[subject], subject).toMatchObject(expected);
        else expect(actual[subject], subject).toEqual([...expected].toSorted());
      }
      for (const result of results.filter((other) => !(subjectName(other) in file.expect))) {
        expect(
          result.findings.map(({ message }) => message),
          `${subjectName(result)} must not trip`,
        ).toEqual([]);
      }
    });

    it('gives every finding evidence, a fix and a complete text', async () => {
      const { report } = await runOnce(check, file);
      for (const finding of report.results.flatMap(({ findings }) => findings)) {
        const { message, text, evidence, fix, avoid, data } = finding;
        expect(text, message).not.toMatch(/\{[A-Za-z]/);
        expect(fillTemplate(check.messages[message]?.text ?? '', data)).toBe(text);
        for (const sentence of avoid) expect(sentence, message).not.toMatch(/\{[A-Za-z]/);
        expect(evidence.length, `${message} names its evidence`).toBeGreaterThan(0);
        expect(fix, `${message} has a fix`).toBeDefined();
        const ways = [fix?.commands.length, fix?.patch, fix?.edit, fix?.durable, fix?.manual].filter(Boolean);
        expect(ways.length, `${message}: the fix says what to do`).toBeGreaterThan(0);
        expect(fix?.commands.join('\n') ?? '').not.toMatch(/delete pod|commit ssl ca-file|watchClassless/);
      }
    });
  });
});

interface Run {
  readonly report: DoctorReport;
  /** The facts that were asked for. */
  readonly touched: ReadonlySet<string>;
}

const runs = new Map<CaseFile, Promise<Run>>();

/** Several tests look at the same run of a case, which belongs to one check. */
function runOnce(check: Check, file: CaseFile): Promise<Run> {
  const made = runs.get(file) ?? run(check, file);
  runs.set(file, made);
  return made;
}

async function run(check: Check, file: CaseFile): Promise<Run> {
  const touched = new Set<string>();
  return { report: await runCase(check, file, touched), touched };
}

function expectations(file: CaseFile): readonly Expectation[] {
  return Object.values(file.expect);
}

function isState(expected: Expectation, state?: string): expected is Extract<Expectation, { state: string }> {
  return !Array.isArray(expected) && (state === undefined || (expected as { state: string }).state === state);
}
