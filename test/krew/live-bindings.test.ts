import { describe, expect, it } from 'vitest';
import { changingExports } from '../../krew/live-bindings.ts';

describe('exports that change', () => {
  it.each([
    ['export let count = 0;\nexport function next() { count += 1; }', ['count']],
    [
      'let cached;\nexport { cached as kept };\nfunction load() { cached = 1; }\nfunction drop() { cached = 0; }',
      ['cached'],
    ],
    ['var at = 0;\nfunction go() { at++; }\nexport { at };', ['at']],
    ['export var loaded = no;\nfunction load() { loaded ??= yes; }', ['loaded']],
  ])('are found in %j', (text, names) => {
    expect(changingExports(text)).toEqual(names);
  });

  it.each([
    'export const one = 1;\nexport function two() { let one = 2; one = 3; }',
    'export let it = 1;\nfunction own() { const it = 2; return it; }',
    'export var Kind;\n(function (Kind) { Kind[Kind["A"] = 0] = "A"; })(Kind || (Kind = {}));',
    'export let late;\nlate = 1;',
    'let other = 1;\nother = 2;\nexport { something } from "./else.js";',
    'export let it = 1;\nif (it === 2 || it >= 3) this.it = 4;\nconst f = (it) => it;',
  ])('are not seen in %j', (text) => {
    expect(changingExports(text)).toEqual([]);
  });
});
