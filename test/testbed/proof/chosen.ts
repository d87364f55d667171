import { env } from 'node:process';
import type { Fault } from '../faults/fault.ts';
import { FAULTS } from '../faults/index.ts';

/**
 * Of these faults the ones to prove: all, or with `FAULTS=one-per-id` the first of the whole catalogue for each
 * failure-mode id, which takes half the time.
 */
export function chosen(faults: readonly Fault[]): readonly Fault[] {
  if (env.FAULTS !== 'one-per-id') return faults;
  const first = new Map<string, Fault>();
  for (const fault of FAULTS) for (const id of fault.ids) if (!first.has(id)) first.set(id, fault);
  const wanted = new Set(first.values());
  return faults.filter((fault) => wanted.has(fault));
}
