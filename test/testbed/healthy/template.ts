import type { Editable } from '../../scenario/field-edit.ts';
import type { ObjectChange } from '../faults/fault.ts';
import { WORKLOAD } from '../faults/helper-changes.ts';
import type { KubeObject } from '../seams.ts';

/** Containers of the base’s HAProxy pods, by their place. */
export const HELPER = 'containers[2]';
export const RELOADER = 'containers[3]';

/** A field of HAProxy's pods; without `to` it goes. */
export function template(at: string, to?: Editable): ObjectChange {
  return {
    object: WORKLOAD,
    set: to === undefined ? { at: `spec.template.spec.${at}` } : { at: `spec.template.spec.${at}`, to },
  };
}

/** Everything that writes or reads the files runs as one user. */
export function everybodyAs(uid: number, gid: number): readonly ObjectChange[] {
  return [
    template('securityContext', { runAsNonRoot: true, runAsUser: uid, runAsGroup: gid, fsGroup: uid }),
    ...['initContainers[0]', HELPER, RELOADER].map((container) =>
      template(`${container}.securityContext.runAsUser`, uid),
    ),
  ];
}

/** The objects with texts replaced wherever they stand, in order. */
export function renamed(
  objects: readonly KubeObject[],
  texts: readonly (readonly [from: string | RegExp, to: string])[],
): KubeObject[] {
  const text = texts.reduce((before, [from, to]) => before.replaceAll(from, to), JSON.stringify(objects));
  return JSON.parse(text);
}
