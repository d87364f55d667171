import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHcl } from '../../src/evidence/hcl/read-hcl.ts';
import { parseHelperConfig } from '../../src/evidence/helper-config/parse.ts';
import { repairSyntax } from '../../src/evidence/helper-config/repair.ts';
import { schemaOf } from '../../src/evidence/helper-config/schema.ts';
import { applyEdits, editBetween } from '../../src/evidence/helper-config/text-edit.ts';
import { generate } from './generate.ts';
import { Random } from './random.ts';

const SCHEMA = schemaOf('0.11');
const BYTES = fc.uint8Array({ maxLength: 400 }).map((bytes) => String.fromCharCode(...bytes));
const CONFIGS = fc.integer().map((seed) => generate(new Random(seed)).toString('latin1'));
const TEXTS = fc.integer().map((seed) => generate(new Random(seed)).toString('utf8'));

describe('the HCL reader', () => {
  it('answers about any bytes, with a place inside the text or just behind it', () => {
    fc.assert(
      fc.property(fc.oneof(BYTES, CONFIGS), (bytes) => {
        const reading = readHcl(bytes, SCHEMA);
        if (reading.ok) return;
        const lines = bytes.split('\n');
        expect(reading.message).not.toBe('');
        expect(reading.place.line).toBeGreaterThanOrEqual(1);
        expect(reading.place.line).toBeLessThanOrEqual(lines.length);
        expect(reading.place.column).toBeGreaterThanOrEqual(1);
        // The end may be read several times, which counts a column each.
        expect(reading.place.column).toBeLessThanOrEqual((lines[reading.place.line - 1] ?? '').length + 4);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['lists', '['.repeat(300_000)],
    ['assigned lists', `x = ${'['.repeat(300_000)}`],
    ['blocks', 'a {'.repeat(100_000)],
    ['JSON objects', '{"a":'.repeat(100_000)],
    ['JSON lists of objects', '{"a":[{'.repeat(100_000)],
    ['open interpolations', `hint = "${'$'.concat('{').repeat(100_000)}`],
    ['keys', 'x = 1\n'.repeat(50_000)],
    ['siblings below a chain of objects', `${'{"a":'.repeat(900)}{${'"b":{},'.repeat(60_000)}`],
    ['heredocs that do not end', '<<A\n'.repeat(50_000)],
    ['comments that do not end', '/*'.repeat(100_000)],
  ])(
    'does not overflow or hang on many %s',
    (_name, bytes) => {
      const reading = readHcl(bytes, SCHEMA);
      expect(reading.ok || reading.message.length < 200_000).toBe(true);
    },
    10_000,
  );

  it('refuses nesting beyond its bound with the place of the outermost inner list, and accepts it up to there', () => {
    const nested = (depth: number) => `x = ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
    expect(readHcl(nested(900), SCHEMA).ok).toBe(true);
    expect(readHcl(nested(1_200), SCHEMA)).toMatchObject({ ok: false, place: { line: 1, column: 6 } });
  });
});

describe('what is built on it', () => {
  it('keeps every position of a configuration inside its text', () => {
    fc.assert(
      fc.property(TEXTS, (text) => {
        const parsed = parseHelperConfig(text);
        if (!parsed.ok) return;
        const lines = text.split('\n').length;
        for (const setting of [...parsed.config.keys, ...parsed.config.healthCheckKeys, ...parsed.config.unknownKeys]) {
          expect(setting.line).toBeGreaterThanOrEqual(1);
          expect(setting.line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('repairs to a text that parses, or not at all', () => {
    fc.assert(
      fc.property(TEXTS, (text) => {
        const repaired = repairSyntax(text, '0.11');
        if (repaired !== undefined) expect(parseHelperConfig(repaired).ok).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives an edit that turns one text into the other', () => {
    const line = fc.constantFrom('a = 1', 'b = 2', '', 'c {', '}');
    const text = fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => `${lines.join('\n')}\nend`);
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edit = editBetween(before, after);
        if (!edit) expect(after).toBe(before);
        else if (edit.before !== '' && edit.after !== '') expect(applyEdits(before, [edit])).toBe(after);
      }),
    );
  });
});
