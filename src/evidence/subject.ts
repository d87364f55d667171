import type { ObjectRef } from './reading.ts';

export const SUBJECT_TYPES = [
  'cluster',
  'node',
  'installation',
  'haproxy-pod',
  'controller-pod',
  'ingress',
  'spiffe-id',
] as const;
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** Something that checks look at. A pod that does not exist yet is its workload. */
export interface Subject {
  readonly type: SubjectType;
  readonly ref: ObjectRef;
  /** The HAPTIC release it belongs to, by `Installation.ref`; absent for cluster, node and spiffe-id. */
  readonly installation?: ObjectRef;
  readonly node?: string;
}

export function sameRef(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}

export function refKey(ref: ObjectRef): string {
  return `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

export function subjectKey(subject: Subject): string {
  return `${subject.type}:${refKey(subject.ref)}`;
}
