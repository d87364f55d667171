import { InvalidArgumentError } from 'commander';

/** Whom a binding names, as Kubernetes has it. */
export type BoundSubject =
  | { readonly kind: 'User' | 'Group'; readonly apiGroup: 'rbac.authorization.k8s.io'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string };

/**
 * `user:NAME`, `group:NAME`, `serviceaccount:NAMESPACE/NAME`, or a bare user name as `kubectl auth whoami` prints it,
 * among which `system:serviceaccount:NAMESPACE:NAME`.
 */
export function boundSubject(text: string): BoundSubject {
  const [, kind = '', rest = ''] = /^(user|group|serviceaccount):(.+)$/is.exec(text) ?? [];
  switch (kind.toLowerCase()) {
    case 'group':
      return { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: rest };
    case 'serviceaccount':
      return serviceAccount(rest);
    case 'user':
      return user(rest);
    default:
      return user(text);
  }
}

/** For a flag that may be repeated. */
export function boundSubjects(text: string, previous: readonly BoundSubject[] | undefined): readonly BoundSubject[] {
  return [...(previous ?? []), boundSubject(text)];
}

function user(name: string): BoundSubject {
  if (name === '' || /^(?:user|group|serviceaccount):$/i.test(name)) throw new InvalidArgumentError('Give a name.');
  const account = /^system:serviceaccount:(.+)$/s.exec(name)?.[1];
  return account === undefined
    ? { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }
    : serviceAccount(account);
}

function serviceAccount(text: string): BoundSubject {
  const [, namespace, name] = /^([^/:]+)[/:]([^/:]+)$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined)
    throw new InvalidArgumentError('Give serviceaccount:NAMESPACE/NAME.');
  return { kind: 'ServiceAccount', namespace, name };
}
