import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../src/evidence/haproxy-cfg/words.ts';

describe('wordsOf', () => {
  it.each([
    ['  server SRV_1\t10.0.0.1:8443 ssl ', ['server', 'SRV_1', '10.0.0.1:8443', 'ssl']],
    ['crt "/etc/haproxy/my svid.pem"', ['crt', '/etc/haproxy/my svid.pem']],
    ["crt '/etc/a b'/c", ['crt', '/etc/a b/c']],
    ['crt /etc/my\\ svid.pem', ['crt', '/etc/my svid.pem']],
    ['mode http # not tcp', ['mode', 'http']],
    ['mode htt#p', ['mode', 'htt']],
    ['acl "a # b" \\# c', ['acl', 'a # b', '#', 'c']],
    [`acl 'a\\ b' "c\\x41\\$d"`, ['acl', 'a\\ b', 'cA$d']],
    ['reg \\d+', ['reg', '\\d+']],
    ['crt ""', ['crt', '']],
    ['crt "unfinished quote', ['crt', 'unfinished quote']],
    ['# only a comment', []],
    ['trailing\\', ['trailing\\']],
    ['windows\r', ['windows']],
  ])('splits %j', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
  });

  it('never throws and never makes more text than it was given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '#', '$', 'x', '4', '1', '\t', 'é') }),
        (line) => {
          const words = wordsOf(line);
          expect(words.join('').length).toBeLessThanOrEqual(line.length);
        },
      ),
    );
  });

  it('reads back any words that were quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 20 }), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
        expect(wordsOf(quoted)).toEqual(words);
      }),
    );
  });
});
