import { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { env, stdout } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from './generate.ts';
import { KNOWN_TEXTS } from './known-texts.ts';
import { goIsMissing, Oracle, readable } from './oracle.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { Random } from './random.ts';

const CASES = 20_000;
const seed = env.HCL_SEED === undefined ? randomInt(2 ** 32) : Number(env.HCL_SEED);
const missing = goIsMissing();
// In CI the comparison must not be lost: there a missing Go fails in `beforeAll`.
const skip = missing && env.CI !== 'true';

describe.skipIf(skip)(`the HCL reader beside the Go library${skip ? ' (skipped: there is no go command)' : ''}`, () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  }, 120_000);
  afterAll(() => oracle?.remove());

  it.each(Object.keys(KNOWN_TEXTS))('agrees about %s', (name) => {
    const text = Buffer.from(KNOWN_TEXTS[name] ?? '');
    const [theirs] = oracle.ask([text]);
    expect(comparable(outcomeOf(text))).toEqual(theirs && comparable(theirs));
  });

  it(`agrees about ${CASES} generated texts, of which the library rejects at least a third (HCL_SEED=${seed})`, () => {
    stdout.write(`HCL_SEED=${seed}\n`);
    const random = new Random(seed);
    const texts = Array.from({ length: CASES }, () => generate(random));
    const theirs = oracle.ask(texts);
    expect(theirs).toHaveLength(CASES);
    const wrong = texts.flatMap((text, index) => difference(text, theirs[index]));
    expect(wrong.slice(0, 5), `${wrong.length} texts differ, HCL_SEED=${seed}`).toEqual([]);
    const rejected = theirs.filter((outcome) => outcome.how !== 'ok').length;
    expect(rejected).toBeGreaterThan(CASES * 0.3);
    expect(CASES - rejected).toBeGreaterThan(CASES * 0.2);
  }, 90_000);
});

/** Of a text that kills the library only that matters. */
function comparable(outcome: Outcome): Outcome {
  return outcome.how === 'panic' ? { how: 'panic' } : outcome;
}

function difference(text: Buffer, theirs: Outcome | undefined): { theirs: string; ours: string }[] {
  if (!theirs) return [{ theirs: 'no answer', ours: '' }];
  const ours = outcomeOf(text);
  const same = canonical(comparable(ours)) === canonical(comparable(theirs));
  return same ? [] : [{ theirs: readable(text, theirs), ours: readable(text, ours) }];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
