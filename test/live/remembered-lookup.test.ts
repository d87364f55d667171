import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rememberedLookup } from '../../src/sources/live/remembered-lookup.ts';

type Answered = (error: Error | null, addresses: { address: string; family: number }[]) => void;

const lookUp = (lookup: ReturnType<typeof rememberedLookup>, all: boolean) =>
  new Promise((resolve, reject) => {
    lookup('api.example.com', { all }, (error, address) => (error ? reject(error) : resolve(address)));
  });

/** Answers `dns.lookup` with these results, one after the other. */
function resolver(...results: readonly (string | Error)[]) {
  const left = [...results];
  const asked = vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, _options: object, answered: Answered) => {
    const next = left.shift();
    if (typeof next === 'string') answered(null, [{ address: next, family: 4 }]);
    else answered(next ?? new Error('asked too often'), []);
  }) as never);
  syncBuiltinESMExports();
  return asked;
}

describe('a remembered lookup', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it('asks for a host once, however many connections there are', async () => {
    const asked = resolver('192.0.2.1');
    const lookup = rememberedLookup();
    expect(await lookUp(lookup, false)).toBe('192.0.2.1');
    expect(await lookUp(lookup, true)).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('asks again after a failure', async () => {
    resolver(new Error('no answer'), '192.0.2.1');
    const lookup = rememberedLookup();
    await expect(lookUp(lookup, false)).rejects.toThrow('no answer');
    expect(await lookUp(lookup, false)).toBe('192.0.2.1');
  });
});
