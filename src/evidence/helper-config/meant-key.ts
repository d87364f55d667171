import { OLD_NAMES } from './schema.ts';

const LONGEST = 64;

/** The key that somebody meant by a name: an old name of it, another spelling, or one that is at most two letters off. */
export function meantKey(name: string, keys: readonly string[]): string | undefined {
  const old = OLD_NAMES.get(name);
  if (old && keys.includes(old)) return old;
  if (name.length > LONGEST) return undefined;
  const plain = simplify(name);
  const same = keys.find((key) => simplify(key) === plain);
  if (same) return same;
  const near = keys.filter((key) => distance(simplify(key), plain) <= 2);
  return near.length === 1 && plain.length > 4 ? near[0] : undefined;
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[_.-]/g, '');
}

/** How many letters must be added, removed or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
