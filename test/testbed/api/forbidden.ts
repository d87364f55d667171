import type { AuthorizationRequest, Decision } from './handlers.ts';
import { StatusError } from './status.ts';

/** 403 in the words of the API server. */
export function forbidden(
  request: AuthorizationRequest,
  decision: Decision & { readonly allowed: false },
): StatusError {
  const why = decision.reason === undefined ? '' : `: ${decision.reason}`;
  if (request.about === 'path') {
    const message = `forbidden: User "${request.user}" cannot ${request.verb} path "${request.path}"${why}`;
    return new StatusError(403, 'Forbidden', message, {});
  }
  const { group, resource, subresource, namespace, name, user, verb } = request;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const about = name === undefined ? qualified : `${qualified} "${name}"`;
  const asked = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const cannot = `User "${user}" cannot ${verb} resource "${asked}" in API group "${group}" ${where}`;
  return new StatusError(403, 'Forbidden', `${about} is forbidden: ${cannot}${why}`, {
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}
