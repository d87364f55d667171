import type { Editable } from '../../../scenario/field-edit.ts';
import { isMap } from '../metadata.ts';

/** The document after a merge patch (RFC 7386): null deletes, lists are replaced. */
export function mergePatched(document: Editable | undefined, patch: Editable): Editable {
  if (!isMap(patch)) return structuredClone(patch);
  const merged = isMap(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatched(merged[key], value);
  }
  return merged;
}
