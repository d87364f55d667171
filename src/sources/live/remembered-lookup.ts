import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Asks for each host once a run: a thousand connections go to the same server. What failed is asked for again. */
export function rememberedLookup(): LookupFunction {
  const known = new Map<string, readonly LookupAddress[]>();
  return (hostname, options, callback) => {
    const key = `${hostname} ${options.family ?? 0} ${options.hints ?? 0}`;
    const answer = (addresses: readonly LookupAddress[]) => {
      const [first] = addresses;
      if (options.all) callback(null, [...addresses]);
      else if (first) callback(null, first.address, first.family);
    };
    const before = known.get(key);
    if (before !== undefined) return queueMicrotask(() => answer(before));
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      known.set(key, addresses);
      answer(addresses);
    });
  };
}
