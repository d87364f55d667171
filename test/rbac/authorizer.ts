import { parseAllDocuments } from 'yaml';
import { dig, isObject, type JsonObject, listAt, textAt } from '../../src/evidence/json.ts';
import type { ApiRequest, FaultFor } from '../live/api-server/faults.ts';

/** Who asks; what an API server knows after authentication. */
export interface Asker {
  readonly user: string;
  readonly groups: readonly string[];
}

/** One verb on one resource, granted in one namespace or (without one) everywhere. */
export interface Grant {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
}

/** What the roles that are bound to somebody grant, taken apart into single verbs on single resources. */
export function grantsOf(yaml: string, asker: Asker): readonly Grant[] {
  const objects = parseAllDocuments(yaml).map((document): unknown => document.toJS());
  return objects.filter(isObject).flatMap((binding) => {
    if (!/^(?:Cluster)?RoleBinding$/.test(textAt(binding.kind) ?? '')) return [];
    if (!listAt(binding.subjects).some((subject) => names(subject, asker))) return [];
    const namespace = textAt(dig(binding, 'metadata', 'namespace'));
    const role = objects.filter(isObject).find((object) => isRoleOf(object, binding, namespace));
    return rulesOf(role).map((grant) => (namespace === undefined ? grant : { ...grant, namespace }));
  });
}

function names(subject: unknown, { user, groups }: Asker): boolean {
  const name = textAt(dig(subject, 'name')) ?? '';
  switch (dig(subject, 'kind')) {
    case 'User':
      return dig(subject, 'apiGroup') === 'rbac.authorization.k8s.io' && name === user;
    case 'Group':
      return dig(subject, 'apiGroup') === 'rbac.authorization.k8s.io' && groups.includes(name);
    default:
      return user === `system:serviceaccount:${textAt(dig(subject, 'namespace'))}:${name}`;
  }
}

function isRoleOf(object: JsonObject, binding: JsonObject, namespace: string | undefined): boolean {
  return (
    object.kind === dig(binding, 'roleRef', 'kind') &&
    dig(object, 'metadata', 'name') === dig(binding, 'roleRef', 'name') &&
    textAt(dig(object, 'metadata', 'namespace')) === (object.kind === 'Role' ? namespace : undefined)
  );
}

function rulesOf(role: JsonObject | undefined): readonly Grant[] {
  return listAt(role?.rules).flatMap((rule) =>
    listAt(dig(rule, 'apiGroups')).flatMap((group) =>
      listAt(dig(rule, 'resources')).flatMap((resource) =>
        listAt(dig(rule, 'verbs')).map((verb) => ({
          verb: String(verb),
          group: String(group),
          resource: String(resource),
        })),
      ),
    ),
  );
}

/** What a request takes: an exec over a WebSocket is a `get`, and since Kubernetes 1.35 a `create` after it. */
export function takes({ path, verb }: ApiRequest): readonly Grant[] {
  const [, group = '', namespace, plural = '', , subresource] =
    /^\/apis?(?:\/([a-z][^/]*\.[^/]+|apps))?\/v[^/]+(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(
      path,
    ) ?? [];
  if (plural === '') return [];
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const where = namespace === undefined ? {} : { namespace };
  const verbs = verb === 'exec' ? ['get', 'create'] : verb === 'list' ? ['list'] : ['get'];
  return verbs.map((one) => ({ verb: one, group, resource, ...where }));
}

export function allows(grants: readonly Grant[], wanted: Grant): boolean {
  return grants.some(
    ({ verb, group, resource, namespace }) =>
      verb === wanted.verb &&
      group === wanted.group &&
      resource === wanted.resource &&
      (namespace === undefined || namespace === wanted.namespace),
  );
}

/** Refuses like Kubernetes' RBAC authorizer what no grant allows. `/version` and discovery are for everybody. */
export function enforcing(grants: readonly Grant[], user: string): FaultFor {
  return (request) => {
    const missing = takes(request).find((wanted) => !allows(grants, wanted));
    if (missing === undefined) return undefined;
    const { verb, group, resource, namespace } = missing;
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const [plural = ''] = resource.split('/');
    return {
      fault: 'status',
      status: 403,
      message: `${plural}${group === '' ? '' : `.${group}`} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    };
  };
}
