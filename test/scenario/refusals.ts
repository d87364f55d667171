import type { NotCollected } from '../../src/evidence/snapshot.ts';
import type { Change } from './case-file.ts';
import { type EditableObject, readField } from './field-edit.ts';

export function refusals(changes: readonly Change[]): NotCollected[] {
  return changes.flatMap((change): NotCollected[] => {
    if (!('refuse' in change)) return [];
    const {
      what,
      kind = '',
      namespace,
      name,
      pod,
      container = '',
      why,
      detail = 'refused by the case',
      rule,
    } = change.refuse;
    const rest = { why, detail, ...(rule ? { rule } : {}) };
    const pods = pod === undefined ? ['haptic-haproxy-0', 'haptic-haproxy-1'] : [pod];
    if (what === 'probe')
      return pods.map((one) => ({ target: { what, namespace: namespace ?? 'haptic', pod: one }, ...rest }));
    if (what === 'log') {
      return pods.flatMap((one) =>
        [false, true].map((previous) => ({
          target: { what, namespace: namespace ?? 'haptic', pod: one, container, previous },
          ...rest,
        })),
      );
    }
    return [
      {
        target: {
          what,
          kind,
          ...(namespace === undefined ? {} : { namespace }),
          ...(name === undefined ? {} : { name }),
        },
        ...rest,
      },
    ];
  });
}

export function isRefused(object: EditableObject, notCollected: readonly NotCollected[]): boolean {
  const { kind } = object;
  const namespace = readField(object, 'metadata.namespace');
  const name = readField(object, 'metadata.name');
  return notCollected.some(
    ({ target }) =>
      target.what === 'objects' &&
      target.kind === kind &&
      (target.namespace === undefined || target.namespace === namespace) &&
      (target.name === undefined || target.name === name),
  );
}
