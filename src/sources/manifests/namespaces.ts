import { dig, isObject, type JsonObject, textAt } from '../../evidence/json.ts';
import type { ManifestObject } from './parse-manifest.ts';

const CLUSTER_SCOPED = [
  'Namespace',
  'Node',
  'CSINode',
  'CSIDriver',
  'PersistentVolume',
  'StorageClass',
  'VolumeAttachment',
  'IngressClass',
  'GatewayClass',
  'PriorityClass',
  'RuntimeClass',
  'CustomResourceDefinition',
  'APIService',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
];

/**
 * Gives objects without a namespace the one they will be applied to: the one that the user names, else that of objects
 * of the same release, else `default`. Charts leave namespaces out where they can.
 */
export function withNamespaces(
  objects: readonly ManifestObject[],
  given: string | undefined,
): readonly ManifestObject[] {
  const byInstance = namespacesByInstance(objects);
  return objects.map(({ object, lines }) => {
    if (!isNamespaced(object) || textAt(dig(object, 'metadata', 'namespace'))) return { object, lines };
    const instance = instanceOf(object);
    const namespace = given ?? (instance === undefined ? undefined : byInstance.get(instance)) ?? 'default';
    const metadata = isObject(object.metadata) ? object.metadata : {};
    return { object: { ...object, metadata: { ...metadata, namespace } }, lines };
  });
}

function isNamespaced(object: JsonObject): boolean {
  const kind = textAt(object.kind) ?? '';
  return !CLUSTER_SCOPED.includes(kind) && !kind.startsWith('Cluster');
}

/** The namespace in which most objects of a release are. */
function namespacesByInstance(objects: readonly ManifestObject[]): ReadonlyMap<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { object } of objects) {
    const instance = instanceOf(object);
    const namespace = textAt(dig(object, 'metadata', 'namespace'));
    if (instance === undefined || !namespace) continue;
    const count = counts.get(instance) ?? new Map<string, number>();
    count.set(namespace, (count.get(namespace) ?? 0) + 1);
    counts.set(instance, count);
  }
  return new Map(
    [...counts].map(([instance, count]) => [instance, [...count].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'default']),
  );
}

function instanceOf(object: JsonObject): string | undefined {
  return textAt(dig(object, 'metadata', 'labels', 'app.kubernetes.io/instance'));
}
