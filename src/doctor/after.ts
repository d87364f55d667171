import type { Check } from './check.ts';

/** Checks in an order in which every ancestor comes before its descendants. Throws on a cycle or an unknown id. */
export function inOrder(checks: readonly Check[]): readonly Check[] {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const done = new Set<string>();
  const ordered: Check[] = [];
  const visit = (check: Check, path: readonly string[]) => {
    if (done.has(check.id)) return;
    if (path.includes(check.id)) throw new Error(`checks depend on each other: ${[...path, check.id].join(' → ')}`);
    for (const id of check.after) {
      const ancestor = byId.get(id);
      if (!ancestor) throw new Error(`${check.id} comes after ${id}, which is no check`);
      visit(ancestor, [...path, check.id]);
    }
    done.add(check.id);
    ordered.push(check);
  };
  for (const check of checks) visit(check, []);
  return ordered;
}

/** All ids that a check comes after, directly or not. */
export function ancestorsOf(id: string, checks: readonly Check[]): ReadonlySet<string> {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const found = new Set<string>();
  const visit = (from: string) => {
    for (const ancestor of byId.get(from)?.after ?? []) {
      if (found.has(ancestor)) continue;
      found.add(ancestor);
      visit(ancestor);
    }
  };
  visit(id);
  return found;
}
