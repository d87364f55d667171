import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScript } from '../../src/evidence/shell-script.ts';

const words = (script: string) => parseScript(script).map((command) => [...command.words]);

describe('parseScript', () => {
  it('splits at newlines and operators and drops comments', () => {
    expect(words('set -e # now\nmkdir -p /a && cd /a; ls | wc -l\n# mkdir /b')).toEqual([
      ['set', '-e'],
      ['mkdir', '-p', '/a'],
      ['cd', '/a'],
      ['ls'],
      ['wc', '-l'],
    ]);
  });

  it('fills in variables that the script sets, quoted or not', () => {
    expect(words('DIR=/etc/haproxy\nmkdir -p "$DIR/spiffe" \'$DIR\'')).toEqual([
      ['mkdir', '-p', '/etc/haproxy/spiffe', '$DIR'],
    ]);
  });

  it('unrolls a loop over words', () => {
    expect(words('for n in socket api.sock; do ln -s spire-agent.sock $n; done')).toContainEqual([
      'ln',
      '-s',
      'spire-agent.sock',
      'api.sock',
    ]);
  });

  it('does not know what the environment or a substitution yields', () => {
    expect(words('mkdir "$HOME/x" $(pwd)/y `pwd`')).toEqual([['mkdir', undefined, undefined, undefined]]);
  });

  it('leaves here-documents and redirections out', () => {
    expect(words('cat > f <<EOF\nmkdir /not\nEOF\nmkdir /yes 2>/dev/null')).not.toContainEqual(['mkdir', '/not']);
    expect(words('mkdir /yes 2>/dev/null')).toEqual([['mkdir', '/yes']]);
  });

  it('never throws and stays bounded, whatever it is given', () => {
    const scripts = fc.string({
      unit: fc.constantFrom(
        'a',
        '$',
        '{',
        '}',
        '(',
        ')',
        '"',
        "'",
        '`',
        '\\',
        '\n',
        ' ',
        ';',
        '<',
        'for x in a b; do ',
        '=',
        'mkdir ',
        '$x',
      ),
    });
    fc.assert(fc.property(scripts, (script) => parseScript(script).length <= 2064));
  });
});
