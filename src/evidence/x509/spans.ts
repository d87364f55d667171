const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A point in time as people compare it: `2026-11-22T03:00:00Z`. Takes epoch milliseconds. */
export function utc(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? 'an impossible time' : `${time.toISOString().slice(0, 19)}Z`;
}

/** A length of time in its two largest units: `1 h 20 min`. Takes milliseconds; the sign is dropped. */
export function span(length: number): string {
  const units = [
    ['d', DAY],
    ['h', HOUR],
    ['min', MINUTE],
    ['s', SECOND],
  ] as const;
  const seconds = Math.round(Math.abs(length) / SECOND) * SECOND;
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0 s';
  const words: string[] = [];
  let left = seconds;
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count} ${name}`);
  }
  return words.join(' ');
}
