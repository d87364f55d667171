import { dig, type Json, listAt, textAt } from '../../../src/evidence/json.ts';
import type { KubeObject, Store } from '../seams.ts';
import { BUILT_IN_ROLES } from './built-in-roles.ts';
import type { AuthorizationRequest, Authorize, UserInfo } from './handlers.ts';
import { nameOf, namespaceOf } from './metadata.ts';
import { type PolicyRule, policyRule, ruleAllows } from './policy-rule.ts';

/** A decision with the remark that an access review shows. */
export interface Explained {
  readonly allowed: boolean;
  /** Which binding allows it, or which role could not be found; empty when there is nothing to say. */
  readonly reason: string;
}

export interface UserRules {
  readonly rules: readonly PolicyRule[];
  /** Roles that bindings name and that are not there. */
  readonly errors: readonly string[];
}

export interface Authorizer {
  readonly authorize: Authorize;
  readonly explain: (request: AuthorizationRequest) => Explained;
  /** What somebody may do in a namespace, cluster-wide permissions first. */
  readonly rulesFor: (user: UserInfo, namespace: string) => UserRules;
}

/**
 * Kubernetes' RBAC authorizer over the roles and bindings in the store and those that every cluster has.
 * Aggregated ClusterRoles count with the rules that they hold.
 */
export function rbacAuthorizer(store: Pick<Store, 'list'>): Authorizer {
  const all = (kind: string, namespace?: string): readonly KubeObject[] => {
    const stored = store.list(kind, namespace);
    const names = new Set(stored.map(nameOf));
    return [...stored, ...BUILT_IN_ROLES.filter((object) => object.kind === kind && !names.has(nameOf(object)))];
  };

  const bound = (user: UserInfo, namespace: string | undefined): readonly Bound[] => {
    const bindings = [
      ...all('ClusterRoleBinding'),
      ...(namespace === undefined ? [] : store.list('RoleBinding', namespace)),
    ];
    return bindings.flatMap((binding) => {
      const subject = listAt(binding.subjects).find((one) => means(one, user, namespaceOf(binding)));
      if (subject === undefined) return [];
      const kind = textAt(dig(binding, 'roleRef', 'kind')) ?? '';
      const name = textAt(dig(binding, 'roleRef', 'name')) ?? '';
      const roles = all(kind, kind === 'Role' ? namespaceOf(binding) : undefined);
      const role = roles.find((object) => nameOf(object) === name);
      return [{ binding, subject, kind, name, rules: role && listAt(role.rules).map(policyRule) }];
    });
  };

  const explain = (request: AuthorizationRequest): Explained => {
    if (request.groups.includes('system:masters')) return { allowed: true, reason: '' };
    const grants = bound(request, request.about === 'resource' ? request.namespace || undefined : undefined);
    const grant = grants.find(({ rules }) => rules?.some((rule) => ruleAllows(rule, request)));
    if (grant) return { allowed: true, reason: `RBAC: allowed by ${wordsFor(grant)}` };
    const errors = missing(grants);
    return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${aggregate(errors)}` };
  };

  return {
    explain,
    authorize: (request) => {
      const { allowed, reason } = explain(request);
      return allowed ? { allowed } : { allowed, ...(reason === '' ? {} : { reason }) };
    },
    rulesFor: (user, namespace) => {
      const grants = bound(user, namespace);
      return { rules: grants.flatMap(({ rules = [] }) => rules), errors: missing(grants) };
    },
  };
}

interface Bound {
  readonly binding: KubeObject;
  /** The one of the binding's subjects that means the user. */
  readonly subject: Json;
  readonly kind: string;
  readonly name: string;
  /** Undefined: the role is not there. */
  readonly rules: readonly PolicyRule[] | undefined;
}

function means(subject: unknown, { user, groups }: UserInfo, ofBinding: string | undefined): boolean {
  const name = textAt(dig(subject, 'name')) ?? '';
  switch (dig(subject, 'kind')) {
    case 'User':
      return name === user;
    case 'Group':
      return groups.includes(name);
    case 'ServiceAccount':
      return user === `system:serviceaccount:${textAt(dig(subject, 'namespace')) || ofBinding}:${name}`;
    default:
      return false;
  }
}

function missing(grants: readonly Bound[]): readonly string[] {
  return grants
    .filter(({ rules }) => rules === undefined)
    .map(({ kind, name }) => `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`);
}

function aggregate(errors: readonly string[]): string {
  const [first = ''] = errors;
  return errors.length === 1 ? first : `[${errors.join(', ')}]`;
}

function wordsFor({ binding, subject, kind, name }: Bound): string {
  const namespace = namespaceOf(binding);
  const own = namespace === undefined ? nameOf(binding) : `${nameOf(binding)}/${namespace}`;
  const account = dig(subject, 'kind') === 'ServiceAccount' ? `/${textAt(dig(subject, 'namespace')) || namespace}` : '';
  const who = `${dig(subject, 'kind')} ${JSON.stringify(`${dig(subject, 'name')}${account}`)}`;
  return `${binding.kind} ${JSON.stringify(own)} of ${kind} ${JSON.stringify(name)} to ${who}`;
}
