import { expect, it } from 'vitest';
import { readField, writeField } from '../../scenario/field-edit.ts';
import type { Change, KubeObject, ObjectKey, StoreEvent } from '../seams.ts';
import { createStore } from './store.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const helm: Change = { manager: 'helm' };
const patch: Change = { manager: 'kubectl-patch' };
const KEY: ObjectKey = { kind: 'Deployment', namespace: 'shop', name: 'web' };

function clocked() {
  const clock = { at: START };
  return { clock, store: createStore({ now: () => clock.at }) };
}

function deployment(): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', labels: { tier: 'front' } },
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } } },
  };
}

function owned(name: string, owner: KubeObject, kind = 'Pod'): KubeObject {
  const reference = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: 'web',
    uid: readField(owner, 'metadata.uid') ?? '',
  };
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', ownerReferences: [reference] }, spec: {} };
}

it('fills in what the server keeps about a new object', () => {
  const { store } = clocked();
  const { metadata } = store.create(deployment(), helm);
  expect(metadata).toMatchObject({ generation: 1, creationTimestamp: '2026-03-01T12:00:00Z', resourceVersion: '1001' });
  expect(readField({ metadata: metadata ?? null }, 'metadata.uid')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
});

it('refuses a second object of the same name', () => {
  const { store } = clocked();
  store.create(deployment(), helm);
  expect(() => store.create(deployment(), helm)).toThrow('deployments.apps "web" already exists');
});

it('refuses to update what is not there', () => {
  expect(() => clocked().store.update(deployment(), helm)).toThrow('deployments.apps "web" not found');
});

it('counts a generation for a changed spec, and none for changed labels or status', () => {
  const { store } = clocked();
  const object = store.create(deployment(), helm);
  writeField(object, 'metadata.labels.tier', 'back');
  writeField(object, 'status', { readyReplicas: 1 });
  expect(readField(store.update(object, patch), 'metadata.generation')).toBe(1);
  writeField(object, 'spec.replicas', 3);
  expect(readField(store.update(object, patch), 'metadata.generation')).toBe(2);
});

it('does nothing, and tells nobody, when nothing differs', () => {
  const { store } = clocked();
  const object = store.create(deployment(), helm);
  const events: StoreEvent[] = [];
  store.subscribe((event) => events.push(event));
  expect(store.update(object, patch)).toEqual(object);
  expect(events).toEqual([]);
});

it('takes only the status from a change of the status', () => {
  const { store } = clocked();
  const object = store.create(deployment(), helm);
  writeField(object, 'spec.replicas', 9);
  writeField(object, 'status', { readyReplicas: 2 });
  const after = store.update(object, { manager: 'kubelet', subresource: 'status' });
  expect(after).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 2 } });
});

it('hands out copies only', () => {
  const { store } = clocked();
  const object = store.create(deployment(), helm);
  writeField(object, 'spec.replicas', 7);
  const [listed] = store.list('Deployment');
  if (listed) writeField(listed, 'spec.replicas', 8);
  expect(readField(store.get(KEY) ?? null, 'spec.replicas')).toBe(2);
});

it('records who changed which field, and when', () => {
  const { store, clock } = clocked();
  const object = store.create(deployment(), helm);
  clock.at += 60_000;
  writeField(object, 'spec.template.spec.containers[0].image', 'web:2');
  const managedFields = readField(store.update(object, patch), 'metadata.managedFields');
  const image = { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } } };
  expect(managedFields).toMatchObject([
    { manager: 'helm', time: '2026-03-01T12:00:00Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    { manager: 'kubectl-patch', operation: 'Update', time: '2026-03-01T12:01:00Z', fieldsV1: { 'f:spec': image } },
  ]);
  expect(JSON.stringify(readField({ managedFields: managedFields ?? null }, 'managedFields[0]'))).not.toContain(
    'f:image',
  );
});

it('keeps the time of a manager who only takes a field away', () => {
  const { store, clock } = clocked();
  const object = store.create(deployment(), helm);
  clock.at += 60_000;
  writeField(object, 'metadata.labels.tier', undefined);
  const after = store.update(object, helm);
  expect(readField(after, 'metadata.managedFields')).toMatchObject([{ manager: 'helm', time: '2026-03-01T12:00:00Z' }]);
  expect(JSON.stringify(after)).not.toContain('f:tier');
});

it('removes what is owned together with its owner, the owner first', () => {
  const { store } = clocked();
  const owner = store.create(deployment(), helm);
  store.create(owned('web-1', owner), helm);
  store.create(owned('free', { metadata: { uid: 'another' } }), helm);
  const gone: (string | undefined)[] = [];
  store.subscribe(({ type, object }) => gone.push(`${type} ${String(readField(object, 'metadata.name'))}`));
  expect(store.remove(KEY)).toBe(true);
  expect(gone).toEqual(['DELETED web', 'DELETED web-1']);
  expect(store.remove(KEY)).toBe(false);
});

it('leaves orphans without their reference', () => {
  const { store } = clocked();
  store.create(owned('web-1', store.create(deployment(), helm)), helm);
  store.orphan(KEY);
  const [pod] = store.list('Pod');
  expect(readField(pod ?? null, 'metadata.name')).toBe('web-1');
  expect(readField(pod ?? null, 'metadata.ownerReferences')).toBeUndefined();
});

it('removes what is in a namespace with the namespace', () => {
  const { store } = clocked();
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, helm);
  store.create(deployment(), helm);
  store.remove({ kind: 'Namespace', name: 'shop' });
  expect(store.list('Deployment')).toEqual([]);
});

it('tells of changes in their order also when a listener changes something', () => {
  const { store } = clocked();
  const told: string[] = [];
  store.subscribe(({ type, object }) => {
    if (type !== 'ADDED' || object.kind !== 'Deployment') return;
    store.create(owned('web-1', object), helm);
  });
  store.subscribe(({ object }) => told.push(String(object.kind)));
  store.create(deployment(), helm);
  expect(told).toEqual(['Deployment', 'Pod']);
});

it('ages the times of objects and leaves the texts of people alone', () => {
  const { store } = clocked();
  const object = deployment();
  const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-03-01T11:00:00Z' };
  writeField(object, 'spec.template.metadata', { annotations: restarted });
  writeField(object, 'status', { conditions: [{ type: 'Available', lastTransitionTime: '2026-03-01T11:30:00Z' }] });
  store.create(object, helm);
  store.age(3_600_000);
  expect(store.get(KEY)).toMatchObject({
    metadata: { creationTimestamp: '2026-03-01T11:00:00Z', managedFields: [{ time: '2026-03-01T11:00:00Z' }] },
    spec: { template: { metadata: { annotations: restarted } } },
    status: { conditions: [{ lastTransitionTime: '2026-03-01T10:30:00Z' }] },
  });
});

it('knows what happened since a version until that is compacted', () => {
  const { store } = clocked();
  const before = store.version();
  store.create(deployment(), helm);
  expect(store.since(before)?.map(({ type, version }) => [type, version])).toEqual([['ADDED', before + 1]]);
  store.compact();
  expect(store.since(before)).toBeUndefined();
  expect(store.since(store.version())).toEqual([]);
});

it('goes on holding an object with finalizers until the last one is taken away', () => {
  const { store } = clocked();
  const object = deployment();
  writeField(object, 'metadata.finalizers', ['example.com/hold']);
  writeField(object, 'metadata.deletionTimestamp', '2026-03-01T12:00:00Z');
  const held = store.create(object, helm);
  writeField(held, 'metadata.finalizers', []);
  store.update(held, patch);
  expect(store.get(KEY)).toBeUndefined();
});

it('hands out to those who only read the object that it keeps, which nobody can change', () => {
  const { store } = clocked();
  const object = deployment();
  const made = store.uncopied.create(object, helm);
  expect(store.uncopied.get(KEY)).toBe(made);
  expect(store.uncopied.list('Deployment', 'shop')[0]).toBe(made);
  expect(() => writeField(made, 'spec.replicas', 5)).toThrow(TypeError);
  writeField(object, 'spec.replicas', 5);
  expect(readField(store.get(KEY) ?? {}, 'spec.replicas')).toBe(2);
});

it('keeps the parts that an update leaves as they were', () => {
  const { store } = clocked();
  const made = store.uncopied.create(deployment(), helm);
  const updated = store.uncopied.update({ ...made, status: { replicas: 2 } }, { ...helm, subresource: 'status' });
  expect(updated.spec).toBe(made.spec);
  expect(readField(made, 'status')).toBeUndefined();
});

it('lists what has come and gone since the last list', () => {
  const { store } = clocked();
  store.create(deployment(), helm);
  expect(store.view('Deployment')).toHaveLength(1);
  store.create({ ...deployment(), metadata: { name: 'another', namespace: 'shop' } }, helm);
  expect(store.view('Deployment').map((each) => readField(each, 'metadata.name'))).toEqual(['another', 'web']);
  store.remove(KEY);
  expect(store.view('Deployment')).toHaveLength(1);
});
