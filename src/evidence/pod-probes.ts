import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from './json.ts';
import type { HttpProbeView } from './pod-view.ts';

const KINDS = [
  ['livenessProbe', 'liveness'],
  ['readinessProbe', 'readiness'],
  ['startupProbe', 'startup'],
] as const;

/**
 * The HTTP probes of a container as their author wrote them. Istio's injector moves them to its own port and keeps the
 * originals in ISTIO_KUBE_APP_PROBERS of the proxy container; the redaction gate leaves of that variable
 * `probers: { "/app-health/NAME/livez": { path, port } }`. Without it a rewritten probe is left out: its target is unknown.
 */
export function viewProbes(
  container: JsonObject,
  podSpec: JsonObject,
  containerPath: string,
  ports: readonly { readonly name?: string; readonly port: number }[],
): HttpProbeView[] {
  return KINDS.flatMap(([key, kind]): HttpProbeView[] => {
    const httpGet = objectAt(container[key]).httpGet;
    if (!isObject(httpGet)) return [];
    const path = textAt(httpGet.path) ?? '/';
    const field = `${containerPath}.${key}`;
    if (path.startsWith('/app-health/')) {
      const original = originalProbe(podSpec, path);
      return original ? [{ kind, ...original, field, rewrittenByIstio: true }] : [];
    }
    return [{ kind, path, port: resolvePort(httpGet.port, ports), field, rewrittenByIstio: false }];
  });
}

function originalProbe(podSpec: JsonObject, path: string): { path: string; port: number | string } | undefined {
  for (const container of [...listAt(podSpec.containers), ...listAt(podSpec.initContainers)]) {
    for (const item of listAt(objectAt(container).env)) {
      const { name, probers } = objectAt(item);
      if (name !== 'ISTIO_KUBE_APP_PROBERS' || !isObject(probers) || !Object.hasOwn(probers, path)) continue;
      const original = objectAt(probers[path]);
      const port = numberAt(original.port) ?? textAt(original.port);
      if (port !== undefined) return { path: textAt(original.path) ?? '/', port };
    }
  }
  return undefined;
}

function resolvePort(
  value: unknown,
  ports: readonly { readonly name?: string; readonly port: number }[],
): number | string {
  const number = numberAt(value);
  if (number !== undefined) return number;
  const name = textAt(value) ?? '';
  return ports.find((port) => port.name === name)?.port ?? (/^\d+$/.test(name) ? Number(name) : name);
}
