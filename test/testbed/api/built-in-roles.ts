import type { KubeObject } from '../seams.ts';

const READ = ['get', 'list', 'watch'];
const CHANGE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const WORKLOADS = [
  'daemonsets',
  'deployments',
  'deployments/scale',
  'replicasets',
  'replicasets/scale',
  'statefulsets',
  'statefulsets/scale',
];
const CORE = ['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'serviceaccounts', 'services'];
const DISCOVERY = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

const VIEW = [
  rule('', [...CORE, 'events', 'limitranges', 'namespaces', 'pods/log', 'pods/status', 'resourcequotas'], READ),
  rule('apps', ['controllerrevisions', ...WORKLOADS], READ),
  rule('batch', ['cronjobs', 'jobs'], READ),
  rule('autoscaling', ['horizontalpodautoscalers'], READ),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], READ),
  rule('policy', ['poddisruptionbudgets'], READ),
  rule('discovery.k8s.io', ['endpointslices'], READ),
];
const EDIT = [
  ...VIEW,
  rule('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], READ),
  rule('', ['pods/attach', 'pods/eviction', 'pods/exec', 'pods/portforward', 'pods/proxy'], ['create']),
  rule('', [...CORE, 'events', 'secrets'], CHANGE),
  rule('', ['serviceaccounts'], ['impersonate']),
  rule('apps', WORKLOADS, CHANGE),
  rule('batch', ['cronjobs', 'jobs'], CHANGE),
  rule('autoscaling', ['horizontalpodautoscalers'], CHANGE),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], CHANGE),
  rule('policy', ['poddisruptionbudgets'], CHANGE),
];
const ADMIN = [...EDIT, rule('rbac.authorization.k8s.io', ['rolebindings', 'roles'], [...READ, ...CHANGE])];
const EVERYTHING = [rule('*', ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }];
const BASIC_USER = [
  rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
];

/**
 * ClusterRoles and their bindings that every API server makes at its start, as far as people use them. `view`, `edit`
 * and `admin` have the rules that aggregation would put there.
 */
export const BUILT_IN_ROLES: readonly KubeObject[] = [
  role('cluster-admin', EVERYTHING),
  role('admin', ADMIN),
  role('edit', EDIT),
  role('view', VIEW),
  role('system:basic-user', BASIC_USER),
  role('system:discovery', [{ nonResourceURLs: DISCOVERY, verbs: ['get'] }]),
  binding('cluster-admin', 'system:masters'),
  binding('system:basic-user', 'system:authenticated'),
  binding('system:discovery', 'system:authenticated'),
];

function rule(group: string, resources: string[], verbs: string[]): KubeObject {
  return { apiGroups: [group], resources, verbs };
}

function role(name: string, rules: KubeObject[]): KubeObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
}

function binding(name: string, group: string): KubeObject {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ apiGroup, kind: 'Group', name: group }],
  };
}
