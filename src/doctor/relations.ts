import { refKey, type Subject, type SubjectType, subjectKey } from '../evidence/subject.ts';

/**
 * Which of `ancestors` bear on a subject, in their order: those about the same subject, or — across types — about one
 * of the same installation, the node that a pod runs on, or something cluster-wide. Made once for many subjects: with
 * a thousand pods, comparing each with each takes longer than judging them.
 */
export function relate<T extends { readonly subject: Subject }>(
  ancestors: readonly T[],
): (subject: Subject) => readonly T[] {
  const by = new Map<string, Map<SubjectType, number[]>>();
  for (const [at, { subject }] of ancestors.entries()) {
    for (const key of reachOf(subject)) {
      const types = by.get(key) ?? new Map<SubjectType, number[]>();
      by.set(key, types);
      const found = types.get(subject.type);
      if (found) found.push(at);
      else types.set(subject.type, [at]);
    }
  }
  return (subject) => {
    const found = new Set([...(by.get(subjectKey(subject))?.values() ?? [])].flat());
    for (const key of placesOf(subject)) {
      for (const [type, those] of by.get(key) ?? []) {
        if (type === subject.type) continue;
        for (const at of those) found.add(at);
      }
    }
    return [...found].toSorted((a, b) => a - b).flatMap((at) => ancestors[at] ?? []);
  };
}

const EVERYWHERE = 'everywhere';

/** Where a failure seen on it is felt. */
function reachOf(subject: Subject): readonly string[] {
  const { type, ref, installation } = subject;
  const self = subjectKey(subject);
  if (type === 'cluster' || type === 'spiffe-id') return [self, EVERYWHERE];
  if (type === 'node') return [self, `on ${ref.name}`];
  return installation === undefined ? [self] : [self, `of ${refKey(installation)}`];
}

const places = new WeakMap<Subject, readonly string[]>();

/** Where it would feel a failure of something else. Every check asks again. */
function placesOf(subject: Subject): readonly string[] {
  const before = places.get(subject);
  if (before) return before;
  const { node, installation } = subject;
  const made = [
    EVERYWHERE,
    ...(node === undefined ? [] : [`on ${node}`]),
    ...(installation === undefined ? [] : [`of ${refKey(installation)}`]),
  ];
  places.set(subject, made);
  return made;
}
