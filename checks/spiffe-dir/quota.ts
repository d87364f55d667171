/** Kubernetes' suffixes of quantities, in thousandths of the unit so that sums stay whole. */
const FACTORS: Readonly<Record<string, bigint>> = {
  m: 1n,
  '': 1000n,
  k: 10n ** 6n,
  M: 10n ** 9n,
  G: 10n ** 12n,
  T: 10n ** 15n,
  Ki: 1000n << 10n,
  Mi: 1000n << 20n,
  Gi: 1000n << 30n,
  Ti: 1000n << 40n,
};

/**
 * Reads `requested: pods=1, used: pods=10, limited: pods=10` and says how much every resource needs for one pod more
 * and another one while a roll-out lasts. Undefined when an amount is not plain.
 */
export function roomFor(said: string): Readonly<Record<string, string>> | undefined {
  const part = (name: string) => new RegExp(`\\b${name}: ((?:[\\w./-]+=[\\w.]+,?)+)`).exec(said.slice(0, 4000))?.[1];
  const [requested, used] = [amountsOf(part('requested')), amountsOf(part('used'))];
  const hard: Record<string, string> = {};
  for (const [resource, amount] of requested) {
    const before = used.get(resource);
    const [a, b] = [thousandths(amount), thousandths(before ?? '')];
    if (a === undefined || b === undefined) return undefined;
    hard[resource] = written(b + 2n * a, amount);
  }
  return requested.size > 0 ? hard : undefined;
}

function amountsOf(list: string | undefined): ReadonlyMap<string, string> {
  const pairs = (list ?? '').split(',').flatMap((pair): (readonly [string, string])[] => {
    const [name = '', amount = ''] = pair.split('=');
    return name === '' || amount === '' ? [] : [[name, amount]];
  });
  return new Map(pairs);
}

function thousandths(amount: string): bigint | undefined {
  const [, number, suffix = ''] = /^(\d{1,15})([A-Za-z]{0,2})$/.exec(amount) ?? [];
  const factor = FACTORS[suffix];
  return number === undefined || factor === undefined ? undefined : BigInt(number) * factor;
}

/** In the suffix of `like`, rounded up. */
function written(amount: bigint, like: string): string {
  const suffix = /[A-Za-z]*$/.exec(like)?.[0] ?? '';
  const factor = FACTORS[suffix] ?? 1000n;
  return `${(amount + factor - 1n) / factor}${suffix}`;
}
