import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/evidence/json.ts';
import { parseScript } from '../../src/evidence/shell-script.ts';
import { API_VERSION, type Snapshot } from '../../src/evidence/snapshot.ts';
import { viewPod } from '../../src/evidence/view-pod.ts';
import { World } from '../../src/evidence/world.ts';

const AT = '2026-11-22T03:00:00Z';
const pod = (name: string, image: string): JsonObject => ({
  kind: 'Pod',
  metadata: { name, namespace: 'haptic' },
  spec: { containers: [{ name: 'haproxy', image }] },
});

const snapshot = (objects: readonly JsonObject[]): Snapshot => ({
  apiVersion: API_VERSION,
  kind: 'Snapshot',
  tool: { name: 'kubectl-haptic_spire', version: '0.0.0-test' },
  observedAt: AT,
  source: { kind: 'live' },
  objects: objects.map((object) => ({ object, at: AT })),
  coverage: [{ kind: 'Pod' }],
  logs: [],
  probes: [],
  notCollected: [],
  redactions: [],
  requests: { list: 0, exec: 0, log: 0, other: 0 },
  notes: [],
});

it('what is remembered of one pod is not told of another', () => {
  const world = new World(snapshot([]));
  const ask = (namespace: string, name: string, key: string) =>
    world.memoOf({ kind: 'Pod', namespace, name }, key, () => `${key} of ${namespace}/${name}`);
  expect(ask('a', 'one', 'files')).toBe('files of a/one');
  expect(ask('a', 'two', 'files')).toBe('files of a/two');
  expect(ask('b', 'one', 'files')).toBe('files of b/one');
  expect(ask('a', 'one', 'memory')).toBe('memory of a/one');
});

it('what is remembered of a Deployment is not told of a DaemonSet of its name', () => {
  const world = new World(snapshot([]));
  const ask = (kind: string) => world.memoOf({ kind, namespace: 'a', name: 'haproxy' }, 'registration', () => kind);
  expect([ask('Deployment'), ask('DaemonSet'), ask('Deployment')]).toEqual(['Deployment', 'DaemonSet', 'Deployment']);
});

it('what was forgotten is worked out again, and only then', () => {
  const world = new World(snapshot([]));
  let computed = 0;
  const ask = (name: string) => world.memoOf({ kind: 'Pod', namespace: 'a', name }, 'files', () => ++computed);
  ask('first');
  ask('first');
  expect(computed).toBe(1);
  for (let count = 0; count < 100; count += 1) ask(`pod-${count}`);
  ask('first');
  expect(computed).toBe(102);
});

it('an object is found among others of its name by its namespace', () => {
  const objects = ['a', 'b'].map((namespace) => ({ kind: 'Pod', metadata: { name: 'same', namespace } }));
  const world = new World(snapshot(objects));
  expect(world.object('Pod', 'b', 'same')).toMatchObject({ value: { object: { metadata: { namespace: 'b' } } } });
  expect(world.object('Pod', 'c', 'same').state).toBe('absent');
});

it('two pods of one name are each seen as they are, whoever is said to have made them', () => {
  const [one, other] = [pod('same', 'haproxy:3.1'), pod('same', 'haproxy:3.2')].map((object) => ({ object, at: AT }));
  if (!one || !other) throw new Error('there are two');
  const maker = { kind: 'Deployment', namespace: 'haptic', name: 'haproxy' };
  expect(viewPod(one, maker)).toMatchObject({ workload: maker });
  expect(viewPod(one)).toMatchObject({ workload: { kind: 'Pod', name: 'same' } });
  expect([one, other].map((each) => viewPod(each).containers[0]?.image.tag)).toEqual(['3.1', '3.2']);
});

it('scripts that differ in one character are read apart', () => {
  const read = (script: string) => parseScript(script).map(({ words }) => words.join(' '));
  expect(read('mkdir /a')).toEqual(['mkdir /a']);
  expect(read('mkdir /b')).toEqual(['mkdir /b']);
  expect(read('mkdir /a')).toEqual(['mkdir /a']);
});
