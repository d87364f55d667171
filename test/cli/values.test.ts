import { describe, expect, it } from 'vitest';
import { canvasOf } from '../../src/cli/appearance.ts';
import type { Host } from '../../src/cli/host.ts';
import { withoutFlagValues } from '../../src/cli/kubectl-booleans.ts';
import { suggestion } from '../../src/cli/nearest.ts';
import { concurrency, duration, level, positiveDuration } from '../../src/cli/values.ts';

describe('a duration', () => {
  it.each([
    ['60s', 60_000],
    ['2m', 120_000],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['1h', 3_600_000],
    ['45', 45_000],
    ['0', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(duration(text)).toBe(milliseconds);
  });

  it.each(['', '-1s', '1d', 's', '5 s', '1e3', '99999999s', '1.2345s'])('%j is refused', (text) => {
    expect(() => duration(text)).toThrow('Give a time such as 60s, 2m or 500ms.');
  });

  it('of zero is refused where it would mean no time at all', () => {
    expect(() => positiveDuration('0s')).toThrow('above zero');
  });
});

describe('a number', () => {
  it('is taken within its bounds only', () => {
    expect([concurrency('1'), concurrency('256'), level('0'), level('10')]).toEqual([1, 256, 0, 10]);
    for (const text of ['0', '257', '-1', '1.5', '']) expect(() => concurrency(text)).toThrow();
    for (const text of ['11', '-1', 'x']) expect(() => level(text)).toThrow();
  });
});

describe('a suggestion', () => {
  const candidates = ['cert-loaded', 'csi-socket-name', 'svid-issued', 'svid-valid'];

  it.each([
    ['cert-load', ' (did you mean cert-loaded?)'],
    ['svid-isued', ' (did you mean svid-issued?)'],
    ['csi-sockt-nane', ' (did you mean csi-socket-name?)'],
    ['ingress', ''],
    ['', ''],
    ['x'.repeat(10_000), ''],
  ])('for %s is the closest word or nothing', (word, expected) => {
    expect(suggestion(word, candidates)).toBe(expected);
  });
});

describe('switches', () => {
  it('may be written with a value, as kubectl allows', () => {
    expect(withoutFlagValues(['doctor', '-A=true', '--quiet=false', '--show-ok=perhaps', '--pod=a=b'])).toEqual([
      'doctor',
      '-A',
      '--show-ok=perhaps',
      '--pod=a=b',
    ]);
  });
});

describe('the look of the output', () => {
  const host = (env: Record<string, string>, isTTY = true, columns = 100, platform = 'linux') =>
    ({ env, stdout: { isTTY, columns, write: async () => {} }, platform }) as unknown as Host;

  it('has colours on a terminal only, unless asked otherwise', () => {
    expect(canvasOf(host({}), 'auto').color).toBe(true);
    expect(canvasOf(host({}, false), 'auto').color).toBe(false);
    expect(canvasOf(host({}, false), 'always').color).toBe(true);
    expect(canvasOf(host({}), 'never').color).toBe(false);
  });

  it('honours NO_COLOR when it is not empty, and dumb terminals', () => {
    expect(canvasOf(host({ NO_COLOR: '1' }), 'auto').color).toBe(false);
    expect(canvasOf(host({ NO_COLOR: '' }), 'auto').color).toBe(true);
    expect(canvasOf(host({ TERM: 'dumb', LANG: 'C.UTF-8' }), 'auto')).toMatchObject({ color: false, unicode: false });
    expect(canvasOf(host({ NO_COLOR: '1' }), 'always').color).toBe(true);
  });

  it('has Unicode in a UTF-8 locale, the first variable that is set deciding', () => {
    expect(canvasOf(host({ LANG: 'en_US.UTF-8' }), 'auto').unicode).toBe(true);
    expect(canvasOf(host({ LANG: 'en_US.UTF-8', LC_ALL: 'C' }), 'auto').unicode).toBe(false);
    expect(canvasOf(host({ LANG: 'C', LC_CTYPE: 'de_DE.utf8' }), 'auto').unicode).toBe(true);
    expect(canvasOf(host({}), 'auto').unicode).toBe(false);
    expect(canvasOf(host({ WT_SESSION: 'x' }, true, 100, 'win32'), 'auto').unicode).toBe(true);
  });

  it('keeps prose between 40 and 120 columns', () => {
    expect([20, 100, 400].map((columns) => canvasOf(host({}, true, columns), 'auto').width)).toEqual([40, 100, 120]);
  });

  it('is as wide as COLUMNS says, where that is a number', () => {
    expect(canvasOf(host({ COLUMNS: '60' }), 'auto').width).toBe(60);
    for (const COLUMNS of ['', '0', '-5', 'wide', '1e9']) expect(canvasOf(host({ COLUMNS }), 'auto').width).toBe(100);
  });
});
