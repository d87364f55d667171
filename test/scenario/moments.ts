/** When every scenario is observed. */
export const OBSERVED_AT = Date.parse('2026-11-22T03:00:00Z');

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `-60s`, `10m`, `2h`, `-1d` from the moment of observation, as epoch milliseconds. */
export function moment(offset: string): number {
  const match = /^([+-]?)(\d+)([smhd])$/.exec(offset);
  if (!match) throw new Error(`${JSON.stringify(offset)} is no offset like -60s`);
  const [, sign, count, unit = 's'] = match;
  return OBSERVED_AT + (sign === '-' ? -1 : 1) * Number(count) * (UNITS[unit] ?? 0);
}

export function iso(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
