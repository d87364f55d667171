import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { RESULT_STATES } from '../../src/doctor/report.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderText } from '../../src/report/text.ts';
import { renderYaml } from '../../src/report/yaml.ts';
import { HIDDEN, HOSTILE, poison } from './hostile.ts';
import { BROKEN_FILES, HEALTHY, HUNDRED_PODS, pod, report, result, WRONG_SOCKET } from './reports.ts';

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../src/report/doctor-report.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema as object);
const REPORTS = { WRONG_SOCKET, HEALTHY, HUNDRED_PODS, BROKEN_FILES };

/** The same value as JSON has it: without undefined members. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HOSTILE, 'true', 'null', '1e3', '- a', ': b', '~', '0x1', ''),
);
const anyReport = fc
  .record({
    texts: fc.array(text, { minLength: 3, maxLength: 3 }),
    states: fc.array(fc.constantFrom(...RESULT_STATES), { maxLength: 6 }),
    verdict: fc.constantFrom('healthy', 'degraded', 'broken', 'inconclusive'),
    exitCode: fc.constantFrom(0, 1, 2, 130),
    base: fc.constantFrom(WRONG_SOCKET, HEALTHY, BROKEN_FILES),
  })
  .map(({ texts: [a = '', b = '', c = ''], states, verdict, exitCode, base }): DoctorReport => {
    const poisoned = poison(base, a);
    return {
      ...poisoned,
      verdict,
      exitCode,
      metadata: { ...poisoned.metadata, notes: [b, c] },
      results: [
        ...poisoned.results,
        ...states.map((state, index) =>
          result(b, { ...pod(index), container: c }, state, { detail: a, why: 'timeout' }),
        ),
      ],
    };
  });

describe('the JSON report', () => {
  it.each(Object.keys(REPORTS))('fits its schema: %s', (name) => {
    const document = JSON.parse(renderJson(REPORTS[name as keyof typeof REPORTS]));
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  });

  it('fits no longer when a member is missing, unknown or of another type', () => {
    const document = asJson(HEALTHY) as Record<string, unknown>;
    expect(validate({ ...document, verdict: 'fine' })).toBe(false);
    expect(validate({ ...document, extra: 1 })).toBe(false);
    const { results: _, ...without } = document;
    expect(validate(without)).toBe(false);
  });

  it('is valid, parses to the same report and holds nothing hidden, whatever the report says', () => {
    fc.assert(
      fc.property(anyReport, (source) => {
        const document = renderJson(source);
        expect(HIDDEN.test(document.replaceAll('\n', ''))).toBe(false);
        const parsed: unknown = JSON.parse(document);
        expect(parsed).toEqual(asJson(source));
        expect(validate(parsed), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the YAML report', () => {
  it('says the same as the JSON report and holds nothing hidden, whatever the report says', () => {
    fc.assert(
      fc.property(anyReport, (source) => {
        const document = renderYaml(source);
        expect(HIDDEN.test(document.replaceAll('\n', ''))).toBe(false);
        expect(parse(document)).toEqual(asJson(source));
      }),
      { numRuns: 60 },
    );
  });

  it('is written as people write YAML', () => {
    expect(renderYaml(report()).split('\n').slice(0, 6)).toEqual([
      'apiVersion: haptic-spire.dev/v1',
      'kind: DoctorReport',
      'metadata:',
      '  tool:',
      '    name: kubectl-haptic_spire',
      '    version: "0.1.0"',
    ]);
  });
});

describe('the text report', () => {
  it('holds nothing hidden, whatever the report says', () => {
    fc.assert(
      fc.property(anyReport, fc.boolean(), fc.integer({ min: 40, max: 120 }), (source, wide, width) => {
        const options = {
          width,
          color: false,
          unicode: true,
          wide,
          quiet: false,
          showOk: true,
          titles: new Map<string, string>(),
        };
        expect(HIDDEN.test(renderText(source, options).replaceAll('\n', ''))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
