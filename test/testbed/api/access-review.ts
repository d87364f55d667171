import { dig, objectAt, textAt } from '../../../src/evidence/json.ts';
import type { KubeObject } from '../seams.ts';
import type { AuthorizationRequest, ReviewHandler, UserInfo } from './handlers.ts';
import type { PolicyRule } from './policy-rule.ts';
import type { Authorizer } from './rbac.ts';
import { badRequest, invalid } from './status.ts';

/** `kubectl auth can-i`, and `kubectl auth can-i --list`: what the asker may do. */
export function accessReviews(authorizer: Authorizer): Readonly<Record<string, ReviewHandler>> {
  return {
    selfsubjectaccessreviews: (info, review) => {
      const { allowed, reason } = authorizer.explain(askedFor(info, review));
      return { ...review, status: { allowed, ...(reason === '' ? {} : { reason }) } };
    },
    selfsubjectrulesreviews: (info, review) => {
      const namespace = textAt(dig(review, 'spec', 'namespace')) ?? '';
      if (namespace === '') throw badRequest('no namespace on request');
      const { rules, errors } = authorizer.rulesFor(info, namespace);
      const status = {
        resourceRules: rules.filter(({ resources }) => resources.length > 0).map(resourceRule),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0).map(nonResourceRule),
        incomplete: errors.length > 0,
        ...(errors.length === 0 ? {} : { evaluationError: errors.join(', ') }),
      };
      return { ...review, status };
    },
  };
}

function askedFor({ user, groups, uid, extra }: UserInfo, review: KubeObject): AuthorizationRequest {
  const asker = { user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
  const resource = dig(review, 'spec', 'resourceAttributes');
  const path = dig(review, 'spec', 'nonResourceAttributes');
  if ((resource === undefined) === (path === undefined)) {
    const message = 'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalid('SelfSubjectAccessReview', 'authorization.k8s.io', '', [
      { reason: 'FieldValueInvalid', message, field: 'spec.resourceAttributes' },
    ]);
  }
  const attributes = objectAt(resource ?? path);
  const text = (key: string) => textAt(attributes[key]) ?? '';
  if (path !== undefined) return { ...asker, about: 'path', verb: text('verb'), path: text('path') };
  const optional = (key: string) => (text(key) === '' ? {} : { [key]: text(key) });
  return {
    ...asker,
    about: 'resource',
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    ...optional('subresource'),
    ...optional('namespace'),
    ...optional('name'),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): KubeObject {
  const rule: KubeObject = { verbs: [...verbs], apiGroups: [...apiGroups], resources: [...resources] };
  return resourceNames.length === 0 ? rule : { ...rule, resourceNames: [...resourceNames] };
}

function nonResourceRule({ verbs, nonResourceURLs }: PolicyRule): KubeObject {
  return { verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] };
}
