import type { RenderedBackend } from '../facts/rendered-config.ts';
import type { ObjectRef } from '../reading.ts';

/**
 * The backends that HAPTIC renders for an Ingress: `<namespace>_<ingress>_svc_<service>_<port>`. Kubernetes names hold
 * no underscore, so no other Ingress can have the same beginning.
 */
export function backendsOf<B extends Pick<RenderedBackend, 'name'>>(
  backends: readonly B[],
  ingress: ObjectRef,
  service?: string,
): readonly B[] {
  const begin = `${ingress.namespace ?? 'default'}_${ingress.name}_svc_`;
  return backends.filter(({ name }) => {
    if (!name.startsWith(begin)) return false;
    if (service === undefined) return true;
    const rest = name.slice(begin.length);
    return rest === service || rest.startsWith(`${service}_`);
  });
}
