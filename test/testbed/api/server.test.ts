import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dig, listAt } from '../../../src/evidence/json.ts';
import { type EditableObject, writeField } from '../../scenario/field-edit.ts';
import type { Change, KubeObject } from '../seams.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { startTestbedApi, type TestbedApi } from './server.ts';
import { createStore, type ObjectStore } from './store.ts';

const me: Change = { manager: 'test' };

interface Answer {
  readonly status: number;
  readonly body: EditableObject;
}

let store: ObjectStore;
let api: TestbedApi;

beforeAll(async () => {
  store = createStore({ now: Date.now });
  api = await startTestbedApi({ store, runtime: fakeRuntime(), now: Date.now, groups: { jane: ['sre'] } });
});
afterAll(() => api.close());
beforeEach(() => {
  api.without.clear();
  store.remove({ kind: 'Namespace', name: 'shop' });
  for (const kind of ['ClusterRole', 'ClusterRoleBinding', 'ClusterSPIFFEID']) {
    for (const object of store.list(kind)) store.remove({ kind, name: String(dig(object, 'metadata', 'name')) });
  }
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, me);
  for (const name of ['a', 'b', 'c']) store.create(settings(name), me);
});

function settings(name: string, data: EditableObject = { key: name }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', labels: { tier: name } }, data };
}

const MAPS = '/api/v1/namespaces/shop/configmaps';

interface Call {
  readonly method?: string;
  readonly user?: string | 'nobody';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function open(path: string, { method = 'GET', user, headers = {}, body }: Call = {}): ClientRequest {
  const config: unknown = parse(api.kubeconfig(user === 'nobody' ? undefined : user));
  const cluster = dig(listAt(dig(config, 'clusters'))[0], 'cluster');
  const credential = user === 'nobody' ? {} : dig(listAt(dig(config, 'users'))[0], 'user');
  const pem = (from: unknown, field: string) => {
    const text = dig(from, field);
    return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
  };
  const token = dig(credential, 'token');
  const sent = request(`${api.url}${path}`, {
    method,
    agent: false,
    servername: 'localhost',
    ca: pem(cluster, 'certificate-authority-data'),
    cert: pem(credential, 'client-certificate-data'),
    key: pem(credential, 'client-key-data'),
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${String(token)}` }),
      ...headers,
    },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return sent;
}

function call(path: string, options: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    open(path, options)
      .on('error', reject)
      .on('response', async (response) => {
        let text = '';
        for await (const chunk of response) text += String(chunk);
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as EditableObject });
      });
  });
}

const names = ({ body }: Answer) => listAt(body.items).map((item) => dig(item, 'metadata', 'name'));

it('knows the administrator by certificate and others by token', async () => {
  const ask = { method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' } };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const [admin, jane] = [await call(path, ask), await call(path, { ...ask, user: 'jane' })];
  expect(dig(admin.body, 'status', 'userInfo')).toEqual({
    username: 'kubernetes-admin',
    groups: ['system:masters', 'system:authenticated'],
  });
  expect(dig(jane.body, 'status', 'userInfo')).toEqual({ username: 'jane', groups: ['sre', 'system:authenticated'] });
});

it.each([
  ['no credential', {}],
  ['a wrong token', { authorization: 'Bearer wrong' }],
])('answers 401 to %s', async (_, headers) => {
  const { status, body } = await call('/version', { user: 'nobody', headers });
  expect([status, body.reason]).toEqual([401, 'Unauthorized']);
});

it('lists items of built-in kinds without kind and apiVersion, and those of custom kinds with them', async () => {
  const id = { apiVersion: 'spire.spiffe.io/v1alpha1', kind: 'ClusterSPIFFEID', metadata: { name: 'id' }, spec: {} };
  store.create(id, me);
  const maps = await call(MAPS);
  const ids = await call('/apis/spire.spiffe.io/v1alpha1/clusterspiffeids');
  expect(maps.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
  expect(dig(listAt(maps.body.items)[0], 'kind')).toBeUndefined();
  expect(dig(listAt(ids.body.items)[0], 'kind')).toBe('ClusterSPIFFEID');
});

it('pages through the list of one moment', async () => {
  const first = await call(`${MAPS}?limit=2`);
  expect(names(first)).toEqual(['a', 'b']);
  expect(dig(first.body, 'metadata', 'remainingItemCount')).toBe(1);
  store.create(settings('bb'), me);
  const next = await call(`${MAPS}?limit=2&continue=${String(dig(first.body, 'metadata', 'continue'))}`);
  expect(names(next)).toEqual(['c']);
  expect(dig(next.body, 'metadata', 'resourceVersion')).toBe(dig(first.body, 'metadata', 'resourceVersion'));
  expect(dig(next.body, 'metadata', 'continue')).toBeUndefined();
});

it('answers 410 Expired to a token from before a compaction, and 400 to one that is none', async () => {
  const first = await call(`${MAPS}?limit=1`);
  store.create(settings('d'), me);
  store.compact();
  const expired = await call(`${MAPS}?limit=1&continue=${String(dig(first.body, 'metadata', 'continue'))}`);
  expect([expired.status, expired.body.reason]).toEqual([410, 'Expired']);
  expect((await call(`${MAPS}?continue=nonsense`)).status).toBe(400);
});

it('answers 404 for kinds of a group that is not there, and leaves it out of discovery', async () => {
  api.without.add('spire.spiffe.io');
  const listed = await call('/apis/spire.spiffe.io/v1alpha1/clusterspiffeids');
  expect([listed.status, listed.body.message]).toEqual([404, 'the server could not find the requested resource']);
  expect((await call('/apis/spire.spiffe.io/v1alpha1')).status).toBe(404);
  expect(JSON.stringify((await call('/apis')).body)).not.toContain('spire.spiffe.io');
});

it('offers JSON to who would rather have protobuf, and 406 to who takes nothing else', async () => {
  const accept = 'application/vnd.kubernetes.protobuf';
  expect(names(await call(MAPS, { headers: { accept: `${accept},application/json` } }))).toEqual(['a', 'b', 'c']);
  expect((await call(MAPS, { headers: { accept } })).status).toBe(406);
});

it('answers 409 Conflict to an update on top of an old version', async () => {
  const { body } = await call(`${MAPS}/a`);
  writeField(body, 'data.key', 'mine');
  expect((await call(`${MAPS}/a`, { method: 'PUT', body })).status).toBe(200);
  const second = await call(`${MAPS}/a`, { method: 'PUT', body: { ...body, data: { key: 'late' } } });
  expect([second.status, second.body.reason]).toEqual([409, 'Conflict']);
  expect(store.get({ kind: 'ConfigMap', namespace: 'shop', name: 'a' })?.data).toEqual({ key: 'mine' });
});

it('keeps a dry run to itself', async () => {
  const { status, body } = await call(`${MAPS}?dryRun=All`, { method: 'POST', body: settings('new') });
  expect([status, dig(body, 'metadata', 'name')]).toEqual([201, 'new']);
  await call(`${MAPS}/a?dryRun=All`, { method: 'DELETE' });
  expect(names(await call(MAPS))).toEqual(['a', 'b', 'c']);
});

it.each([
  ['a name that is taken', MAPS, settings('a'), 409, 'AlreadyExists'],
  [
    'a namespace that is not there',
    '/api/v1/namespaces/nowhere/configmaps',
    { metadata: { name: 'x' } },
    404,
    'NotFound',
  ],
  ['another kind', MAPS, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }, 400, 'BadRequest'],
  ['data that is no text', MAPS, { metadata: { name: 'x' }, data: { a: 1 } }, 400, 'BadRequest'],
  ['no name', MAPS, { metadata: {} }, 422, 'Invalid'],
])('refuses to create %s', async (_, path, body, code, reason) => {
  const answer = await call(path, { method: 'POST', body });
  expect([answer.status, answer.body.reason]).toEqual([code, reason]);
});

it('impersonates for those who may, and says who may not', async () => {
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'dev' };
  const refused = await call(MAPS, { user: 'jane', headers });
  expect(refused.body.message).toBe(
    'users "bob" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  const rules = [{ apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] }];
  const metadata = { name: 'impersonator' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'impersonator' };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  store.create({ apiVersion, kind: 'ClusterRole', metadata, rules }, me);
  store.create(
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects: [{ kind: 'Group', name: 'sre' }] },
    me,
  );
  const asBob = await call(MAPS, { user: 'jane', headers });
  expect(asBob.body.message).toContain('User "bob" cannot list resource "configmaps"');
  expect(api.requests.at(-1)).toMatchObject({ user: 'bob', groups: ['dev', 'system:authenticated'], status: 403 });
});

it('takes back nothing of what it recorded', async () => {
  const from = api.requests.length;
  await call(`${MAPS}?limit=1`);
  await call(`${MAPS}/nope`);
  expect(api.requests.slice(from).map(({ verb, resource, name, status }) => [verb, resource, name, status])).toEqual([
    ['list', 'configmaps', undefined, 200],
    ['get', 'configmaps', 'nope', 404],
  ]);
});

/** Opens a watch, does something once it stands, and returns the first events. */
function watched(query: string, count: number, during: () => void): Promise<readonly EditableObject[]> {
  return new Promise((resolve, reject) => {
    const sent = open(`${MAPS}?watch=true&${query}`);
    sent.on('error', reject).on('response', (response) => {
      let text = '';
      during();
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const lines = text.split('\n').slice(0, -1);
        if (lines.length < count) return;
        resolve(lines.map((line) => JSON.parse(line) as EditableObject));
        sent.off('error', reject).on('error', () => {});
        response.on('error', () => {});
        sent.destroy();
      });
    });
  });
}

const told = (events: readonly EditableObject[]) =>
  events.map(({ type, object }) => `${String(type)} ${String(dig(object, 'metadata', 'name'))}`);

it('streams what changes after a version', async () => {
  const from = store.version();
  store.create(settings('d'), me);
  const events = await watched(`resourceVersion=${from}`, 3, () => {
    store.update(settings('d', { key: 'new' }), me);
    store.remove({ kind: 'ConfigMap', namespace: 'shop', name: 'a' });
  });
  expect(told(events)).toEqual(['ADDED d', 'MODIFIED d', 'DELETED a']);
});

it('shows what begins or ceases to match a selector as added or deleted', async () => {
  const relabelled = (name: string, tier: string) => {
    const object = settings(name);
    writeField(object, 'metadata.labels.tier', tier);
    store.update(object, me);
  };
  const events = await watched(`resourceVersion=${store.version()}&labelSelector=tier%3Da`, 2, () => {
    relabelled('b', 'a');
    relabelled('a', 'z');
  });
  expect(told(events)).toEqual(['ADDED b', 'DELETED a']);
});

it('begins with what is there, and marks where that ends', async () => {
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const events = await watched(query, 4, () => {});
  expect(told(events.slice(0, 3))).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
  expect(events[3]).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
});

it('ends a watch from before a compaction with 410', async () => {
  const from = store.version();
  store.create(settings('d'), me);
  store.compact();
  const [event] = await watched(`resourceVersion=${from}`, 1, () => {});
  expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
});
