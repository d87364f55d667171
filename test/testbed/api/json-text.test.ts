import { expect, it, vi } from 'vitest';
import type { Editable } from '../../scenario/field-edit.ts';
import { kept } from './copy.ts';
import { jsonText } from './json-text.ts';

const AWKWARD: Editable = {
  text: 'quote " back\\slash \u2028 ünï \ud83d',
  number: -1.5e-9,
  nothing: null,
  yes: true,
  empty: [{}, [], ''],
  'key "with" quotes': { deep: [[1, [2, { three: 3 }]]] },
};

it('writes what JSON.stringify writes, of frozen parts as well', () => {
  const mixed: Editable = {
    items: [{ metadata: kept(AWKWARD), more: AWKWARD }, kept([AWKWARD])],
    left: undefined as never,
  };
  expect(jsonText(mixed)).toBe(JSON.stringify(mixed));
  expect(jsonText(mixed)).toBe(JSON.stringify(mixed));
});

it('writes a frozen part once', () => {
  const part = kept(AWKWARD);
  const stringify = vi.spyOn(JSON, 'stringify');
  try {
    jsonText({ part });
    jsonText({ items: [part] });
    expect(stringify.mock.calls.filter(([value]) => value === part)).toHaveLength(1);
  } finally {
    stringify.mockRestore();
  }
});
