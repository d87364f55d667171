import { dig, listAt, textAt } from '../../../src/evidence/json.ts';
import type { AuthorizationRequest } from './handlers.ts';

/** One rule of a Role or ClusterRole; lists that are not there are empty. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  /** `pods`, `pods/exec`, `*`, or a subresource of whatever has it: `*`, a slash and `scale`. */
  readonly resources: readonly string[];
  /** Empty: all names, and what has none. */
  readonly resourceNames: readonly string[];
  /** `/healthz`, or `/api` and all below it with `*` at the end. */
  readonly nonResourceURLs: readonly string[];
}

export function policyRule(rule: unknown): PolicyRule {
  const texts = (key: string) => listAt(dig(rule, key)).flatMap((text) => textAt(text) ?? []);
  return {
    verbs: texts('verbs'),
    apiGroups: texts('apiGroups'),
    resources: texts('resources'),
    resourceNames: texts('resourceNames'),
    nonResourceURLs: texts('nonResourceURLs'),
  };
}

/** Whether a rule, bound where it counts, allows this. */
export function ruleAllows(rule: PolicyRule, request: AuthorizationRequest): boolean {
  if (!rule.verbs.some((verb) => verb === '*' || verb === request.verb)) return false;
  if (request.about === 'path') return rule.nonResourceURLs.some((url) => coversPath(url, request.path));
  const { group, resource, subresource, name = '' } = request;
  return (
    rule.apiGroups.some((one) => one === '*' || one === group) &&
    rule.resources.some((one) => coversResource(one, resource, subresource)) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function coversPath(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')));
}

function coversResource(named: string, resource: string, subresource: string | undefined): boolean {
  if (named === '*') return true;
  if (subresource === undefined) return named === resource;
  return named === `${resource}/${subresource}` || named === `*/${subresource}`;
}
