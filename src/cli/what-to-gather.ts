import { ancestorsOf } from '../doctor/after.ts';
import type { Check } from '../doctor/check.ts';
import type { FactReaders, GatherItem } from '../evidence/catalogue.ts';

/** What a run has to bring for these checks and everything they depend on, and no more. */
export function whatToGather(
  checks: readonly Check[],
  selected: readonly string[] | undefined,
  readers: FactReaders,
): readonly GatherItem[] {
  const items = new Set<GatherItem>(['pods', 'haptic-config', 'ingresses']);
  for (const check of withAncestors(checks, selected)) {
    for (const { subject, needs, wants } of check.examinations) {
      const ofSubject: Readonly<Record<string, { readonly gather: readonly GatherItem[] }>> = readers[subject];
      for (const fact of [...needs, ...wants]) for (const item of ofSubject[fact]?.gather ?? []) items.add(item);
    }
  }
  return [...items];
}

function withAncestors(checks: readonly Check[], selected: readonly string[] | undefined): readonly Check[] {
  if (selected === undefined) return checks;
  const wanted = new Set(selected.flatMap((id) => [id, ...ancestorsOf(id, checks)]));
  return checks.filter((check) => wanted.has(check.id));
}
