import { type Editable, type EditableObject, readField, writeField } from '../../scenario/field-edit.ts';
import type { Testbed } from '../installation.ts';
import type { ObjectChange } from './fault.ts';

/** Where the base keeps what spiffe-helper reads, and what runs it. */
export const CONFIG = 'ConfigMap haptic/haptic-spiffe-helper-config';
export const WORKLOAD = 'Deployment haptic/haptic-haproxy';

const TEXT = 'data["helper.conf"]';
const CONTAINER = 'spec.template.spec.containers[2]';

/** One replacement in the text of helper.conf. */
export function conf(from: string, to: string): ObjectChange {
  return { object: CONFIG, replace: { at: TEXT, from, to } };
}

/** Another text in place of all of helper.conf. */
export function wholeConf(to: string): ObjectChange {
  return { object: CONFIG, set: { at: TEXT, to } };
}

/** A field of the container in which spiffe-helper runs; without `to` it goes. */
export function helperField(at: string, to?: Editable): ObjectChange {
  return { object: WORKLOAD, set: to === undefined ? { at: `${CONTAINER}.${at}` } : { at: `${CONTAINER}.${at}`, to } };
}

/** An upgrade of the release while it runs changes one field of the container of spiffe-helper. */
export async function upgradeHelper(testbed: Testbed, at: string, to: Editable): Promise<void> {
  await edit(testbed, { kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' }, (object) =>
    writeField(object, `${CONTAINER}.${at}`, to),
  );
}

/** Somebody edits helper.conf while spiffe-helper runs. Throws when `from` does not stand there. */
export async function editConf(testbed: Testbed, from: string, to: string): Promise<void> {
  await edit(testbed, { kind: 'ConfigMap', namespace: 'haptic', name: 'haptic-spiffe-helper-config' }, (object) => {
    const text = readField(object, TEXT);
    if (typeof text !== 'string' || !text.includes(from)) throw new Error(`helper.conf does not say ${from}`);
    writeField(
      object,
      TEXT,
      text.replace(from, () => to),
    );
  });
}

async function edit(
  { store, settle }: Testbed,
  key: Parameters<Testbed['store']['get']>[0],
  change: (object: EditableObject) => void,
): Promise<void> {
  const object = store.get(key);
  if (object === undefined) throw new Error(`${key.kind} ${key.name} is gone`);
  change(object);
  store.update(object, { manager: 'helm' });
  await settle();
}
