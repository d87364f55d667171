import { dig, type JsonObject, textAt, textsAt } from './json.ts';

/**
 * Who manages an object, so that a patch is not silently reverted: Flux and Argo CD before Helm, whose labels their
 * charts carry too. Undefined: nothing says so.
 */
export function managerOf(object: JsonObject): string | undefined {
  const labels = textsAt(dig(object, 'metadata', 'labels'));
  const annotations = textsAt(dig(object, 'metadata', 'annotations'));
  const flux = labels['helm.toolkit.fluxcd.io/name'];
  if (flux) return `Flux HelmRelease ${labels['helm.toolkit.fluxcd.io/namespace'] ?? ''}/${flux}`;
  const kustomization = labels['kustomize.toolkit.fluxcd.io/name'];
  if (kustomization)
    return `Flux Kustomization ${labels['kustomize.toolkit.fluxcd.io/namespace'] ?? ''}/${kustomization}`;
  const argo = labels['argocd.argoproj.io/instance'] ?? annotations['argocd.argoproj.io/tracking-id']?.split(':')[0];
  if (argo) return `Argo CD application ${argo}`;
  const helm = annotations['meta.helm.sh/release-name'];
  if (helm) return `Helm release ${annotations['meta.helm.sh/release-namespace'] ?? ''}/${helm}`;
  if (labels['app.kubernetes.io/managed-by'] === 'Helm') {
    const instance = labels['app.kubernetes.io/instance'] ?? textAt(dig(object, 'metadata', 'name')) ?? '';
    return `Helm release ${textAt(dig(object, 'metadata', 'namespace')) ?? ''}/${instance}`;
  }
  return undefined;
}
