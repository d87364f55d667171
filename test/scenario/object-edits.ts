import type { Change } from './case-file.ts';
import { type EditableObject, readField, writeField } from './field-edit.ts';

export function editObjects(
  objects: EditableObject[],
  changes: readonly Change[],
  used: Set<Change>,
): EditableObject[] {
  let edited = objects;
  for (const change of changes) {
    if ('add' in change) edited = [...edited, structuredClone(change.add)];
    else if ('remove' in change) {
      const rest = edited.filter((object) => describe(object) !== change.remove);
      if (rest.length < edited.length) used.add(change);
      edited = rest;
    } else if ('object' in change) {
      for (const object of edited.filter((candidate) => describe(candidate) === change.object)) {
        used.add(change);
        if ('set' in change) writeField(object, change.set.at, structuredClone(change.set.to));
        else {
          const before = readField(object, change.replace.at);
          if (typeof before !== 'string' || !before.includes(change.replace.from)) {
            throw new Error(
              `${change.object} ${change.replace.at} does not contain ${JSON.stringify(change.replace.from)}`,
            );
          }
          writeField(
            object,
            change.replace.at,
            before.replace(change.replace.from, () => change.replace.to),
          );
        }
      }
    }
  }
  return edited;
}

/** `Deployment haptic/haptic-haproxy`, `CSIDriver csi.spiffe.io`. */
function describe(object: EditableObject): string {
  const namespace = readField(object, 'metadata.namespace');
  const name = String(readField(object, 'metadata.name'));
  return `${String(object.kind)} ${typeof namespace === 'string' ? `${namespace}/${name}` : name}`;
}

export function refuseUnused(
  changes: readonly Change[],
  used: ReadonlySet<Change>,
  counts: (change: Change) => boolean,
): void {
  const idle = changes.find((change) => counts(change) && !('add' in change) && !used.has(change));
  if (idle) throw new Error(`this change changes nothing: ${JSON.stringify(idle)}`);
}
