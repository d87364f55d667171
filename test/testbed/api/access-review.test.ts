import { describe, expect, it } from 'vitest';
import { dig, listAt } from '../../../src/evidence/json.ts';
import type { EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { accessReviews } from './access-review.ts';
import type { RequestInfo } from './handlers.ts';
import { rbacAuthorizer } from './rbac.ts';
import { parseTarget } from './request-path.ts';
import { createStore } from './store.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/';

/** What jane, who may view haptic and has a role in shop that is not there, is told. */
async function review(resource: string, spec: EditableObject): Promise<KubeObject> {
  const store = createStore({ now: () => 0 });
  const bind = (namespace: string, kind: string, name: string) => {
    const subjects = [{ kind: 'User', name: 'jane' }];
    const metadata = { name: 'jane', namespace };
    store.create({ kind: 'RoleBinding', metadata, roleRef: { kind, name }, subjects }, { manager: 'test' });
  };
  bind('haptic', 'ClusterRole', 'view');
  bind('shop', 'Role', 'gone');
  const info: RequestInfo = {
    ...parseTarget('POST', `${REVIEWS}${resource}`),
    user: 'jane',
    groups: ['system:authenticated'],
    headers: {},
  };
  const handler = accessReviews(rbacAuthorizer(store))[resource];
  if (!handler) throw new Error(`${resource} is not reviewed`);
  return handler(info, { kind: resource, metadata: {}, spec });
}

describe('what somebody asks about themselves', () => {
  it.each([
    [{ verb: 'list', resource: 'pods', namespace: 'haptic' }, true],
    [{ verb: 'get', resource: 'pods', subresource: 'log', namespace: 'haptic', name: 'x' }, true],
    [{ verb: 'get', resource: 'pods', subresource: 'exec', namespace: 'haptic' }, false],
    [{ verb: 'list', resource: 'pods' }, false],
    [{ verb: 'list', group: 'apps', resource: 'deployments', namespace: 'haptic' }, true],
    [{ verb: 'list', resource: 'secrets', namespace: 'haptic' }, false],
  ])('%j: %s', async (resourceAttributes, allowed) => {
    const { spec, status } = await review('selfsubjectaccessreviews', { resourceAttributes });
    expect(spec).toEqual({ resourceAttributes });
    expect(status).toMatchObject({ allowed });
  });

  it('is answered about paths too', async () => {
    const answers = ['/version', '/metrics'].map((path) =>
      review('selfsubjectaccessreviews', { nonResourceAttributes: { verb: 'get', path } }),
    );
    expect((await Promise.all(answers)).map(({ status }) => status)).toMatchObject([
      { allowed: true },
      { allowed: false },
    ]);
  });

  it('is told which role could not be found', async () => {
    const { status } = await review('selfsubjectaccessreviews', {
      resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'shop' },
    });
    expect(status).toEqual({ allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found' });
  });

  it('cannot be about nothing', async () => {
    await expect(review('selfsubjectaccessreviews', {})).rejects.toMatchObject({ code: 422 });
    await expect(review('selfsubjectrulesreviews', {})).rejects.toMatchObject({ code: 400 });
  });

  it('lists the rules of the namespace and of the cluster', async () => {
    const { status } = await review('selfsubjectrulesreviews', { namespace: 'haptic' });
    expect(status).toMatchObject({ incomplete: false, nonResourceRules: [{ verbs: ['get'] }] });
    const rules = listAt(dig(status, 'resourceRules'));
    expect(rules[0]).toEqual({
      verbs: ['create'],
      apiGroups: ['authentication.k8s.io'],
      resources: ['selfsubjectreviews'],
    });
    expect(JSON.stringify(rules)).toContain('"pods/log"');
    expect(JSON.stringify(rules)).not.toContain('"secrets"');
  });

  it('is told that the list is not the whole one when a role is missing', async () => {
    const { status } = await review('selfsubjectrulesreviews', { namespace: 'shop' });
    const evaluationError = 'role.rbac.authorization.k8s.io "gone" not found';
    expect(status).toMatchObject({ incomplete: true, evaluationError });
  });
});
