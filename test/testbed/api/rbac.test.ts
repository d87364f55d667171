import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../seams.ts';
import { forbidden } from './forbidden.ts';
import type { AuthorizationRequest } from './handlers.ts';
import { rbacAuthorizer } from './rbac.ts';
import { createStore } from './store.ts';

const OBJECTS = `
kind: Role
metadata: { name: pod-reader, namespace: haptic }
rules: [{ apiGroups: [''], resources: [pods, pods/log], verbs: [get, list] }]
---
kind: RoleBinding
metadata: { name: jane-reads, namespace: haptic }
roleRef: { kind: Role, name: pod-reader }
subjects: [{ kind: User, name: jane }]
---
kind: ClusterRole
metadata: { name: one-map }
rules: [{ apiGroups: [''], resources: [configmaps], resourceNames: [agent], verbs: ['*'] }]
---
kind: ClusterRoleBinding
metadata: { name: staff-map }
roleRef: { kind: ClusterRole, name: one-map }
subjects: [{ kind: Group, name: staff }]
---
kind: ClusterRole
metadata: { name: anything-in-apps }
rules: [{ apiGroups: [apps], resources: ['*'], verbs: [patch] }, { apiGroups: ['*'], resources: ['*/scale'], verbs: [update] }]
---
kind: RoleBinding
metadata: { name: robot, namespace: haptic }
roleRef: { kind: ClusterRole, name: anything-in-apps }
subjects: [{ kind: ServiceAccount, name: robot }]
---
kind: ClusterRole
metadata: { name: metrics }
rules: [{ nonResourceURLs: [/metrics, '/debug/*'], verbs: [get] }]
---
kind: ClusterRoleBinding
metadata: { name: metrics }
roleRef: { kind: ClusterRole, name: metrics }
subjects: [{ kind: ServiceAccount, name: robot, namespace: haptic }]
---
kind: RoleBinding
metadata: { name: dangling, namespace: shop }
roleRef: { kind: Role, name: gone }
subjects: [{ kind: User, name: jane }]
---
kind: ClusterRole
metadata: { name: jane-as-bob }
rules: [{ apiGroups: [''], resources: [users], resourceNames: [bob], verbs: [impersonate] }]
---
kind: ClusterRoleBinding
metadata: { name: jane-as-bob }
roleRef: { kind: ClusterRole, name: jane-as-bob }
subjects: [{ kind: User, name: jane }]
`;

function authorizer() {
  const store = createStore({ now: () => 0 });
  for (const document of parseAllDocuments(OBJECTS)) {
    const object = document.toJS() as KubeObject;
    store.create({ ...object, apiVersion: 'rbac.authorization.k8s.io/v1' }, { manager: 'test' });
  }
  return rbacAuthorizer(store);
}

/** `jane get pods/log in haptic`, `robot get /metrics`, `staff get configmaps agent in x`, `group/resource`. */
function asked(words: string): AuthorizationRequest {
  const [, who = '', verb = '', what = '', name, namespace] =
    /^(\S+) (\S+) (\S+)(?: "(\S+)")?(?: in (\S+))?$/.exec(words) ?? [];
  const user = who === 'robot' ? 'system:serviceaccount:haptic:robot' : who;
  const asker = { user, groups: who === 'ann' ? ['staff', 'system:authenticated'] : ['system:authenticated'] };
  if (what.startsWith('/')) return { ...asker, about: 'path', verb, path: what };
  const [resources = '', group = ''] = what.split('@');
  const [resource = '', subresource] = resources.split('/');
  return {
    ...asker,
    about: 'resource',
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

describe('the RBAC authorizer', () => {
  it.each([
    'jane list pods in haptic',
    'jane get pods "x" in haptic',
    'jane get pods/log "x" in haptic',
    'ann get configmaps "agent" in spire-server',
    'ann delete configmaps "agent" in shop',
    'robot patch deployments@apps "x" in haptic',
    'robot patch deployments/status@apps "x" in haptic',
    'robot update deployments/scale@apps "x" in haptic',
    'robot update statefulsets/scale@elsewhere "x" in haptic',
    'robot get /metrics',
    'robot get /debug/pprof',
    'jane impersonate users "bob"',
    'nobody get /version',
    'nobody get /apis/apps/v1',
    'nobody create selfsubjectaccessreviews@authorization.k8s.io',
  ])('allows: %s', (words) => {
    expect(authorizer().authorize(asked(words))).toEqual({ allowed: true });
  });

  it.each([
    'jane watch pods in haptic',
    'jane list pods in spire-server',
    'jane list pods',
    'jane get pods/exec "x" in haptic',
    'jane list pods@metrics.k8s.io in haptic',
    'ann get configmaps "other" in spire-server',
    'ann list configmaps in spire-server',
    'robot patch deployments@apps "x" in shop',
    'robot patch pods in haptic',
    'robot update deployments@apps "x" in haptic',
    'robot get /metrics/more',
    'jane get /metrics',
    'jane impersonate users "ann"',
    'nobody get /',
  ])('refuses: %s', (words) => {
    expect(authorizer().authorize(asked(words))).toEqual({ allowed: false });
  });

  it('allows the masters everything, and nobody who is not authenticated anything', () => {
    const request = { about: 'resource', verb: 'delete', group: 'x', resource: 'y' } as const;
    const { authorize } = authorizer();
    expect(authorize({ ...request, user: 'root', groups: ['system:masters'] })).toEqual({ allowed: true });
    const anonymous = { user: 'system:anonymous', groups: ['system:unauthenticated'] };
    expect(authorize({ ...anonymous, about: 'path', verb: 'get', path: '/version' })).toEqual({ allowed: false });
  });

  it('says which role of a binding is not there', () => {
    const request = asked('jane list pods in shop');
    const decision = authorizer().authorize(request);
    const reason = 'RBAC: role.rbac.authorization.k8s.io "gone" not found';
    expect(decision).toEqual({ allowed: false, reason });
    if (decision.allowed) return;
    expect(forbidden(request, decision).message).toBe(
      `pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "shop": ${reason}`,
    );
  });

  it('says which binding allows it', () => {
    expect(authorizer().explain(asked('jane list pods in haptic')).reason).toBe(
      'RBAC: allowed by RoleBinding "jane-reads/haptic" of Role "pod-reader" to User "jane"',
    );
    expect(authorizer().explain(asked('robot get /metrics')).reason).toBe(
      'RBAC: allowed by ClusterRoleBinding "metrics" of ClusterRole "metrics" to ServiceAccount "robot/haptic"',
    );
  });

  it('takes a role that was changed as it is now', () => {
    const store = createStore({ now: () => 0 });
    const { authorize } = rbacAuthorizer(store);
    const request = asked('jane list pods in haptic');
    const before = authorize(request).allowed;
    const subjects = [{ kind: 'User', name: 'jane' }];
    const kind = 'RoleBinding';
    const binding = {
      kind,
      metadata: { name: 'v', namespace: 'haptic' },
      roleRef: { kind: 'ClusterRole', name: 'view' },
    };
    store.create({ ...binding, subjects }, { manager: 'test' });
    const bound = authorize(request).allowed;
    store.remove({ kind, namespace: 'haptic', name: 'v' });
    expect([before, bound, authorize(request).allowed]).toEqual([false, true, false]);
  });
});
