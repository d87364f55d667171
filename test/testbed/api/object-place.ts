import type { KubeObject, ObjectKey } from '../seams.ts';
import { kept } from './copy.ts';
import { resourceOfKind } from './kinds.ts';
import { metadataOf, nameOf, namespaceOf } from './metadata.ts';

/** Objects of these kinds never get a `metadata.generation`. */
const UNGENERATED = [
  'ControllerRevision',
  'Event',
  'EndpointSlice',
  'IngressClass',
  'StorageClass',
  'Lease',
  'CSINode',
];

/** Where an object is stored. */
export function idOf(object: KubeObject): string {
  return `${String(object.kind)}/${namespaceOf(object) ?? ''}/${nameOf(object)}`;
}

export function idOfKey({ kind, namespace = '', name }: ObjectKey): string {
  const scope = resourceOfKind(kind)?.scope;
  return `${kind}/${scope === 'cluster' ? '' : namespace}/${name}`;
}

/** The object in the namespace in which its kind belongs; it and its metadata may be changed, the rest is frozen. */
export function placed(given: KubeObject): KubeObject {
  const object = { ...kept(given) };
  const metadata = { ...metadataOf(object) };
  const scope = resourceOfKind(String(object.kind))?.scope;
  if (scope === 'cluster') delete metadata.namespace;
  else if (scope === 'namespaced') metadata.namespace ??= 'default';
  return { ...object, metadata };
}

/** Whether its kind counts generations. */
export function hasGeneration(object: KubeObject): boolean {
  const resource = resourceOfKind(String(object.kind));
  if (resource === undefined) return object.spec !== undefined;
  const grouped = resource.group !== '' && !resource.group.startsWith('rbac.');
  return grouped && !UNGENERATED.includes(resource.kind);
}
