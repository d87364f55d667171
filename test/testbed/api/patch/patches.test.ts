import { expect, it } from 'vitest';
import { type EditableObject, readField } from '../../../scenario/field-edit.ts';
import { jsonPatched } from './json-patch.ts';
import { mergePatched } from './merge-patch.ts';
import { applied } from './server-side-apply.ts';
import { strategicallyMerged } from './strategic-merge.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function deployment(podSpec: EditableObject, metadata: EditableObject = {}): EditableObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...metadata },
    spec: { replicas: 2, template: { spec: podSpec } },
  };
}

function podPatched(before: EditableObject, patch: EditableObject) {
  const after = strategicallyMerged(deployment(before), { spec: { template: { spec: patch } } });
  return readField(after, 'spec.template.spec');
}

const containers: EditableObject[] = [
  { name: 'haproxy', image: 'haproxy:1', volumeMounts: [{ mountPath: '/etc/haproxy', name: 'runtime' }] },
  { name: 'helper', image: 'helper:1' },
];

it('merges containers by name', () => {
  const after = podPatched({ containers }, { containers: [{ name: 'helper', image: 'helper:2' }] });
  const [first = {}] = containers;
  expect(after).toEqual({ containers: [first, { name: 'helper', image: 'helper:2' }] });
});

it('puts a new container in front of those that the patch does not name', () => {
  const after = podPatched({ containers }, { containers: [{ name: 'reloader', image: 'r' }] });
  expect(after).toMatchObject({ containers: [{ name: 'reloader' }, { name: 'haproxy' }, { name: 'helper' }] });
});

it('orders a list as the patch asks', () => {
  const after = podPatched(
    { containers },
    { '$setElementOrder/containers': [{ name: 'helper' }, { name: 'haproxy' }] },
  );
  expect(after).toMatchObject({ containers: [{ name: 'helper' }, { name: 'haproxy' }] });
});

it('deletes an item by its key', () => {
  const after = podPatched({ containers }, { containers: [{ name: 'helper', $patch: 'delete' }] });
  expect(after).toEqual({ containers: [containers[0]] });
});

it('replaces a list that says so', () => {
  const after = podPatched({ containers }, { containers: [{ $patch: 'replace' }, { name: 'only', image: 'o' }] });
  expect(after).toEqual({ containers: [{ name: 'only', image: 'o' }] });
});

it('merges mounts by path, variables by name and ports by number', () => {
  const before = {
    name: 'c',
    volumeMounts: [{ mountPath: '/a', name: 'a' }],
    env: [{ name: 'A', value: '1' }],
    ports: [{ containerPort: 8080, name: 'http' }],
  };
  const patch = {
    name: 'c',
    volumeMounts: [{ mountPath: '/a', readOnly: true }],
    env: [{ name: 'A', value: '2' }],
    ports: [{ containerPort: 8080, name: 'web' }],
  };
  expect(podPatched({ containers: [before] }, { containers: [patch] })).toEqual({
    containers: [
      {
        name: 'c',
        volumeMounts: [{ mountPath: '/a', name: 'a', readOnly: true }],
        env: [{ name: 'A', value: '2' }],
        ports: [{ containerPort: 8080, name: 'web' }],
      },
    ],
  });
});

it('replaces tolerations and arguments whole', () => {
  const before = { tolerations: [{ key: 'a' }, { key: 'b' }], containers: [{ name: 'c', args: ['1', '2'] }] };
  const patch = { tolerations: [{ key: 'z' }], containers: [{ name: 'c', args: ['3'] }] };
  expect(podPatched(before, patch)).toEqual({ tolerations: [{ key: 'z' }], containers: [{ name: 'c', args: ['3'] }] });
});

it('deletes with null, and keeps only the retained keys of a map', () => {
  const before = { dnsPolicy: 'Default', volumes: [{ name: 'certs', configMap: { name: 'old' } }] };
  const patch = {
    dnsPolicy: null,
    volumes: [{ name: 'certs', secret: { secretName: 'new' }, $retainKeys: ['name', 'secret'] }],
  };
  expect(podPatched(before, patch)).toEqual({ volumes: [{ name: 'certs', secret: { secretName: 'new' } }] });
});

it('takes plain values out of a list of finalizers', () => {
  const object = deployment({}, { finalizers: ['keep', 'drop'] });
  const after = strategicallyMerged(object, { metadata: { '$deleteFromPrimitiveList/finalizers': ['drop'] } });
  expect(readField(after, 'metadata.finalizers')).toEqual(['keep']);
});

it('refuses an item without its merge key', () => {
  expect(() => podPatched({ containers }, { containers: [{ image: 'x' }] })).toThrow(
    'does not contain declared merge key: name',
  );
});

it('merge patches delete with null and replace lists', () => {
  const before = { data: { a: '1', b: '2' }, list: [1, 2] };
  expect(mergePatched(before, { data: { a: null, c: '3' }, list: [3] })).toEqual({
    data: { b: '2', c: '3' },
    list: [3],
  });
});

it.each([
  ['add', { op: 'add', path: '/list/1', value: 'x' }, { list: ['a', 'x', 'b'], 'k/e~y': 1 }],
  ['append', { op: 'add', path: '/list/-', value: 'x' }, { list: ['a', 'b', 'x'], 'k/e~y': 1 }],
  ['remove', { op: 'remove', path: '/list/0' }, { list: ['b'], 'k/e~y': 1 }],
  ['replace', { op: 'replace', path: '/k~1e~0y', value: 2 }, { list: ['a', 'b'], 'k/e~y': 2 }],
  ['move', { op: 'move', from: '/list/0', path: '/first' }, { list: ['b'], 'k/e~y': 1, first: 'a' }],
  ['copy', { op: 'copy', from: '/list/0', path: '/first' }, { list: ['a', 'b'], 'k/e~y': 1, first: 'a' }],
  ['a test that holds', { op: 'test', path: '/list/1', value: 'b' }, { list: ['a', 'b'], 'k/e~y': 1 }],
])('JSON patches know %s', (_, operation, expected) => {
  expect(jsonPatched({ list: ['a', 'b'], 'k/e~y': 1 }, [operation])).toEqual(expected);
});

it.each([
  ['a test that fails', { op: 'test', path: '/a', value: 2 }],
  ['a missing member', { op: 'remove', path: '/b' }],
  ['a missing item', { op: 'replace', path: '/list/7', value: 1 }],
])('JSON patches refuse %s with 422', (_, operation) => {
  expect(() => jsonPatched({ a: 1, list: [] }, [operation])).toThrow(expect.objectContaining({ code: 422 }));
});

const apply = (manager: string, conflicts: 'refuse' | 'force' = 'refuse') => ({ manager, conflicts, now: NOW });
const config = (data: EditableObject): EditableObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data,
});

it('an applied field goes when its manager no longer applies it', () => {
  const first = applied(undefined, config({ a: '1', b: '2' }), apply('flux'));
  expect(applied(first, config({ a: '1' }), apply('flux')).data).toEqual({ a: '1' });
});

it('an applied field stays when somebody else applies it too', () => {
  const first = applied(undefined, config({ a: '1', b: '2' }), apply('flux'));
  const second = applied(first, config({ b: '2' }), apply('helm'));
  expect(applied(second, config({ a: '1' }), apply('flux')).data).toEqual({ a: '1', b: '2' });
});

it("another manager's field is a conflict, unless it is taken by force", () => {
  const first = applied(undefined, config({ a: '1' }), apply('flux'));
  expect(() => applied(first, config({ a: '2' }), apply('helm'))).toThrow(
    'Apply failed with 1 conflict: conflict with "flux" using v1: .data.a',
  );
  const taken = applied(first, config({ a: '2' }), apply('helm', 'force'));
  expect(taken.data).toEqual({ a: '2' });
  expect(readField(taken, 'metadata.managedFields')).toMatchObject([{ manager: 'helm', operation: 'Apply' }]);
});

it('applying the same again changes nothing', () => {
  const first = applied(undefined, config({ a: '1' }), apply('flux'));
  expect(applied(first, config({ a: '1' }), { ...apply('flux'), now: NOW + 60_000 })).toEqual(first);
});

it('containers that one manager applies leave those of another alone', () => {
  const first = applied(undefined, deployment({ containers: [{ name: 'web', image: 'w:1' }] }), apply('flux'));
  const side = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: [{ name: 'side', image: 's:1' }] } } },
  };
  const both = applied(first, side, apply('mesh'));
  expect(readField(both, 'spec.template.spec.containers')).toHaveLength(2);
  const without = { ...side, spec: { template: { spec: {} } } };
  expect(readField(applied(both, without, apply('mesh')), 'spec.template.spec.containers')).toEqual([
    { name: 'web', image: 'w:1' },
  ]);
});
