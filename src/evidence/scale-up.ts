import type { ObjectRef } from './reading.ts';

/** One replica for a workload that has none, and what has to be true for that to be right. */
export interface ScaleUp {
  readonly summary: string;
  readonly commands: readonly { readonly namespace?: string; readonly args: readonly string[] }[];
  readonly preconditions: readonly string[];
  readonly undo: string;
}

/** `because`: what is missing without it, as a clause. */
export function scaleUp({ kind, namespace, name }: ObjectRef, because: string): ScaleUp {
  return {
    summary: `Scale ${kind} ${namespace}/${name} up: ${because}.`,
    commands: [
      {
        ...(namespace === undefined ? {} : { namespace }),
        args: ['scale', `${kind.toLowerCase()}/${name}`, '--replicas=1'],
      },
    ],
    preconditions: ['nobody keeps it at 0 on purpose; where it ran with more replicas, use that number'],
    undo: 'scale it back to 0',
  };
}
