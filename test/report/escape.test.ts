import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord, quoteWords } from '../../src/doctor/shell-quote.ts';
import { ascii, escapeJson, printable, printableLines, quoteYaml } from '../../src/report/escape.ts';
import { HIDDEN, HOSTILE } from './hostile.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE));

describe('printable text', () => {
  it('holds no hidden character, whatever came in', () => {
    fc.assert(fc.property(text, (source) => !HIDDEN.test(printable(source))));
  });

  it('leaves visible text alone, in any script', () => {
    const visible = 'haptic/haptic-haproxy-0 – größer, 東京, Ω';
    expect(printable(visible)).toBe(visible);
  });

  it('writes out what it hides', () => {
    expect(printable('a\u001b[2J\u202eb\n\t\u{e0041}')).toBe('a\\x1b[2J\\u202eb\\n\\t\\u{e0041}');
  });

  it('keeps lines apart only where lines are asked for', () => {
    expect(printableLines('one\r\n\ttwo\u0007\n')).toEqual(['one', '  two\\x07']);
  });

  it('has a plain twin for typography and writes out the rest where only ASCII can be shown', () => {
    expect(ascii('“a” → b… ×3 é')).toBe('"a" -> b... x3 \\xe9');
  });
});

describe('JSON and YAML', () => {
  it('parse back to the same value after escaping', () => {
    fc.assert(
      fc.property(fc.array(text), (strings) => {
        const document = escapeJson(JSON.stringify(strings));
        expect(HIDDEN.test(document)).toBe(false);
        expect(JSON.parse(document)).toEqual(strings);
      }),
    );
  });

  it('writes a character beyond the first plane as one YAML escape', () => {
    expect(quoteYaml('\u{e0041}')).toBe('"\\U000e0041"');
  });
});

describe('a quoted word', () => {
  const shells = ['sh', 'bash'];

  it.each(shells)('reaches a command of %s exactly as it was', (shell) => {
    const words = [...HOSTILE, '', ' ', '~', '=ls', 'a=b', "it's", '$HOME', '\\', '*', '!!', 'größe 東京'].flatMap(
      (word) => {
        const quoted = quoteWord(word);
        return quoted === undefined ? [] : [{ word, quoted }];
      },
    );
    expect(words.length).toBeGreaterThan(12);
    const script = `printf '%s\\0' ${words.map(({ quoted }) => quoted).join(' ')}`;
    const out = execFileSync(shell, ['-c', script], { encoding: 'utf8' });
    expect(out.split('\0').slice(0, -1)).toEqual(words.map(({ word }) => word));
  });

  it('is refused when it would not be seen or pasted as it is', () => {
    const refused = HOSTILE.filter((word) => quoteWord(word) === undefined).map((word) => /^-?h\d+/.exec(word)?.[0]);
    expect(refused).toEqual(['h5', 'h6', 'h7', 'h8', 'h9', 'h10', 'h11', 'h12', 'h14']);
    expect(quoteWords(['kubectl', 'a\u202eb'])).toBeUndefined();
  });

  it('stays bare when nothing in it is special', () => {
    expect(quoteWords(['kubectl', '-n', 'haptic', 'deployment/haptic-haproxy', '--type=merge'])).toBe(
      'kubectl -n haptic deployment/haptic-haproxy --type=merge',
    );
  });

  it('survives the shell, whatever it is', () => {
    const words = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 300, seed: 7 }).flatMap((word) => {
      const quoted = quoteWord(word);
      return quoted === undefined ? [] : [{ word, quoted }];
    });
    const out = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(({ quoted }) => quoted).join(' ')}`], {
      encoding: 'utf8',
    });
    expect(out.split('\0').slice(0, -1)).toEqual(words.map(({ word }) => word));
  });
});
