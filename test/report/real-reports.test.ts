import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checks } from '../../checks/index.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderText } from '../../src/report/text.ts';
import { renderYaml } from '../../src/report/yaml.ts';
import { loadStory } from '../../src/sources/demo/load-story.ts';
import { STORIES } from '../../src/sources/demo/stories.ts';
import { casesOf, judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../src/report/doctor-report.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema as object);

/** All checks over the case of one: whatever the doctor can say about it. */
const reports = new Map<string, DoctorReport>();

beforeAll(async () => {
  for (const { id } of STORIES) reports.set(`demo ${id}`, judgeSnapshot(await loadStory(id), checks));
  for (const { id } of checks) {
    for (const { name, file } of casesOf(id))
      reports.set(`${id}/${name}`, judgeSnapshot(await buildCase(file), checks));
  }
}, 300_000);

describe('every report that the demos and all cases lead to', () => {
  it('fits the schema, in JSON and in YAML', () => {
    expect(reports.size).toBeGreaterThan(checks.length * 3);
    for (const [name, report] of reports) {
      const document: unknown = JSON.parse(renderJson(report));
      expect(validate(document), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect(parse(renderYaml(report)), name).toEqual(document);
    }
  });

  it('counts each result of a selected check once, and has each check once a subject', () => {
    for (const [name, { results, summary }] of reports) {
      const counted = Object.values(summary).reduce((sum, count) => sum + count, 0);
      expect(counted, name).toBe(results.filter(({ selected }) => selected).length);
      const keys = results.map(({ check, subject }) => JSON.stringify([check, subject]));
      expect(new Set(keys).size, name).toBe(keys.length);
      expect(new Set(results.map(({ check }) => check)).size, name).toBe(checks.length);
    }
  });

  it('has a root cause for each result that failed, and the exit code that its results ask for', () => {
    for (const [name, { results, rootCauses, exitCode, verdict }] of reports) {
      const has = (state: string) => results.some((result) => result.state === state);
      expect(
        rootCauses.some(({ severity }) => severity === 'fail'),
        name,
      ).toBe(has('fail'));
      expect(exitCode, name).toBe(has('fail') ? 1 : has('unknown') || has('crashed') ? 2 : 0);
      expect(verdict, name).toBe(
        has('fail')
          ? 'broken'
          : has('unknown') || has('crashed')
            ? 'inconclusive'
            : has('warn')
              ? 'degraded'
              : 'healthy',
      );
    }
  });

  it('names evidence, a fix and pages with every finding', () => {
    for (const [name, { results }] of reports) {
      for (const { check, findings } of results) {
        for (const { message, evidence, fix, text, docs, guide } of findings) {
          const where = `${name}: ${check}/${message}`;
          expect(evidence.length, where).toBeGreaterThan(0);
          expect(fix, where).toBeDefined();
          expect(text, where).not.toMatch(/\{[a-z]+\}|undefined|\[object/i);
          expect(docs, where).toMatch(new RegExp(`/${check}/doc\\.md#`));
          expect(guide, where).toMatch(/#./);
        }
      }
    }
  });

  it.each([40, 80, 120])('fits %i columns in text but for what is copied and words that are longer', (width) => {
    const options = { width, color: false, unicode: true, wide: false, quiet: false, showOk: true, titles: new Map() };
    for (const [name, report] of reports) {
      const commands = report.rootCauses.flatMap(({ fix }) => fix?.commands ?? []);
      const typed = new Set(commands.flatMap((command) => command.split('\n')));
      const long = renderText(report, options)
        .split('\n')
        .filter((line) => line.length > width && /\S\s+\S+\s+\S/.test(line.slice(23)))
        .filter((line) => !COPIED.test(line) && !typed.has(line));
      expect(long, name).toEqual([]);
    }
  });
});

/** Commands, addresses, rules, edits, quotations of evidence and the table stay as they are. */
const COPIED = /kubectl |https?:\/\/|apiGroups|^\s+[-+] |^ {15}|^[a-z-]+(?: \*)? +[·0-9]|^CHECK|^ {3}Patch|^\s+\{/;
