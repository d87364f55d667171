import { describe, expect, it } from 'vitest';
import { parseHelperConfig } from '../../src/evidence/helper-config/parse.ts';
import { reduceHelperConfig } from '../../src/evidence/redact/helper-config.ts';
import { generate } from '../hcl/generate.ts';
import { KNOWN_TEXTS } from '../hcl/known-texts.ts';
import { Random } from '../hcl/random.ts';

/** What may differ is only what a message quotes of a value that was taken out. */
function judged(text: string): readonly unknown[] {
  const parsed = parseHelperConfig(text);
  return parsed.ok
    ? [
        true,
        parsed.config.agentAddress,
        parsed.config.certDir,
        parsed.config.keys.map(({ line, column }) => [line, column]),
      ]
    : [false, parsed.line, parsed.column];
}

describe('helper.conf behind the gate', () => {
  it.each(Object.entries(KNOWN_TEXTS))('is judged as before: %s', (_, text) => {
    expect(judged(reduceHelperConfig(text))).toEqual(judged(text));
  });

  it('is judged as before, whatever is generated', () => {
    const random = new Random(20261122);
    const differing: string[] = [];
    for (let count = 0; count < 4000; count += 1) {
      const text = generate(random).toString('utf8');
      if (JSON.stringify(judged(reduceHelperConfig(text))) !== JSON.stringify(judged(text))) differing.push(text);
    }
    // Where strings and heredocs are torn apart, the gate and the parser may see their ends in different places.
    expect(differing.length, differing[0]).toBeLessThan(20);
  });
});
