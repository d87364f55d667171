import type { KubeObject, Store } from '../../seams.ts';
import { dig, identityOf, numberAt, objectsAt, textAt, textListAt, textsAt } from '../fields.ts';

/** What Pod Security admission says against a new pod (`violates PodSecurity "restricted:latest": …`); undefined: nothing. */
export function podSecurityRefusal(store: Store, pod: KubeObject): string | undefined {
  const labels = textsAt(store.get({ kind: 'Namespace', name: identityOf(pod).namespace }), 'metadata', 'labels');
  const level = labels['pod-security.kubernetes.io/enforce'];
  if (level !== 'baseline' && level !== 'restricted') return undefined;
  const version = labels['pod-security.kubernetes.io/enforce-version'] ?? 'latest';
  const violations = [...baseline(pod), ...(level === 'restricted' ? restricted(pod) : [])];
  return violations.length === 0 ? undefined : `violates PodSecurity "${level}:${version}": ${violations.join(', ')}`;
}

/** Volumes that every level allows; a csi volume is one of them. */
const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

function baseline(pod: KubeObject): readonly string[] {
  const namespaces = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => dig(pod, 'spec', key) === true);
  const paths = volumesOf(pod).filter((volume) => volume.hostPath !== undefined);
  const privileged = containersOf(pod).filter((container) => security(container, 'privileged') === true);
  return [
    ...(namespaces.length === 0 ? [] : [`host namespaces (${namespaces.map((key) => `${key}=true`).join(', ')})`]),
    ...(paths.length === 0 ? [] : [`hostPath volumes (${some('volume', namesOf(paths))})`]),
    ...violation('privileged', privileged, 'must not set securityContext.privileged=true'),
  ];
}

function restricted(pod: KubeObject): readonly string[] {
  const containers = containersOf(pod);
  const lacking = (has: (container: KubeObject) => boolean) => containers.filter((container) => !has(container));
  const podHas = (...path: readonly string[]) => dig(pod, 'spec', 'securityContext', ...path);
  const isProfile = (value: unknown) => value === 'RuntimeDefault' || value === 'Localhost';
  const volumes = volumesOf(pod).flatMap((volume) => {
    const type = Object.keys(volume).find((key) => key !== 'name' && !ALLOWED_VOLUMES.has(key));
    return type === undefined ? [] : [{ name: textAt(volume, 'name'), type }];
  });
  const types = [...new Set(volumes.map(({ type }) => `"${type}"`))];
  const named = volumes.map(({ name }) => name);
  const asRoot = containers.filter(({ securityContext }) => numberAt(securityContext, 'runAsUser') === 0);
  return [
    ...violation(
      'allowPrivilegeEscalation != false',
      lacking((container) => security(container, 'allowPrivilegeEscalation') === false),
      'must set securityContext.allowPrivilegeEscalation=false',
    ),
    ...violation(
      'unrestricted capabilities',
      lacking((container) => textListAt(container, 'securityContext', 'capabilities', 'drop').includes('ALL')),
      'must set securityContext.capabilities.drop=["ALL"]',
    ),
    ...(volumes.length === 0
      ? []
      : [
          `restricted volume types (${some('volume', named)} ${named.length > 1 ? 'use' : 'uses'} restricted volume type${types.length > 1 ? 's' : ''} ${types.join(', ')})`,
        ]),
    ...podOr(
      'runAsNonRoot != true',
      lacking((container) => (security(container, 'runAsNonRoot') ?? podHas('runAsNonRoot')) === true),
      'must set securityContext.runAsNonRoot=true',
    ),
    ...violation('runAsUser=0', asRoot, 'must not set runAsUser=0'),
    ...podOr(
      'seccompProfile',
      lacking((container) =>
        isProfile(security(container, 'seccompProfile', 'type') ?? podHas('seccompProfile', 'type')),
      ),
      'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
    ),
  ];
}

function violation(what: string, containers: readonly KubeObject[], must: string): readonly string[] {
  return containers.length === 0 ? [] : [`${what} (${some('container', namesOf(containers))} ${must})`];
}

function podOr(what: string, containers: readonly KubeObject[], must: string): readonly string[] {
  return containers.length === 0 ? [] : [`${what} (pod or ${some('container', namesOf(containers))} ${must})`];
}

function some(what: string, names: readonly string[]): string {
  return `${what}${names.length > 1 ? 's' : ''} ${names.map((name) => `"${name}"`).join(', ')}`;
}

function namesOf(objects: readonly KubeObject[]): readonly string[] {
  return objects.map((object) => textAt(object, 'name'));
}

function security(container: KubeObject, ...path: readonly string[]) {
  return dig(container, 'securityContext', ...path);
}

function volumesOf(pod: KubeObject): readonly KubeObject[] {
  return objectsAt(pod, 'spec', 'volumes');
}

function containersOf(pod: KubeObject): readonly KubeObject[] {
  return [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
}
