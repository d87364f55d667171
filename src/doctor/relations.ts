import { refKey, type Subject, sameRef } from '../evidence/subject.ts';

/**
 * Whether a failure seen on `ancestor` bears on `subject`: the same subject, or — across types — one of the same
 * installation, the node that a pod runs on, or something cluster-wide.
 */
export function bearsOn(ancestor: Subject, subject: Subject): boolean {
  if (ancestor.type === subject.type) return sameRef(ancestor.ref, subject.ref);
  if (ancestor.type === 'cluster' || ancestor.type === 'spiffe-id') return true;
  if (ancestor.type === 'node') return subject.node === ancestor.ref.name;
  return (
    ancestor.installation !== undefined &&
    subject.installation !== undefined &&
    refKey(ancestor.installation) === refKey(subject.installation)
  );
}
