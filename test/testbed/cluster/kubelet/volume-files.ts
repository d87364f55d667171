import type { Editable } from '../../../scenario/field-edit.ts';
import type { KubeObject, Store } from '../../seams.ts';
import { dig, identityOf, numberAt, objectAt, objectsAt, textAt, textsAt } from '../fields.ts';

export interface VolumeFile {
  readonly content: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** Files of a volume by name; `refused` is the kubelet's reason for having none. */
export type VolumeFiles =
  | { readonly is: 'files'; readonly files: ReadonlyMap<string, VolumeFile> }
  | { readonly is: 'refused'; readonly message: string };

const DEFAULT_MODE = 0o644;

/** The files of a configMap, secret, downwardAPI or projected volume; undefined for every other kind. */
export function volumeFiles(store: Store, pod: KubeObject, volume: KubeObject): VolumeFiles | undefined {
  if (volume.configMap) return fromObject(store, pod, 'ConfigMap', objectAt(volume, 'configMap'), 'name');
  if (volume.secret) return fromObject(store, pod, 'Secret', objectAt(volume, 'secret'), 'secretName');
  if (volume.downwardAPI) return fromPod(pod, objectAt(volume, 'downwardAPI'));
  if (volume.projected) return projected(store, pod, objectAt(volume, 'projected'));
  return undefined;
}

/** ConfigMaps and Secrets that a pod's volumes and variables name, as `kind/name`. */
export function namedObjects(pod: KubeObject): readonly string[] {
  const found: string[] = [];
  const walk = (value: Editable, key: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, key);
    else if (typeof value === 'object' && value !== null) {
      const name = textAt(value, 'name') || textAt(value, 'secretName');
      if (/^(?:configMap|configMapKeyRef|configMapRef)$/.test(key)) found.push(`ConfigMap/${name}`);
      if (/^(?:secret|secretKeyRef|secretRef)$/.test(key)) found.push(`Secret/${name}`);
      for (const [member, inner] of Object.entries(value)) walk(inner, member);
    }
  };
  walk(objectAt(pod, 'spec'), 'spec');
  return found;
}

function fromObject(
  store: Store,
  pod: KubeObject,
  kind: 'ConfigMap' | 'Secret',
  source: KubeObject,
  nameKey: string,
): VolumeFiles {
  const name = textAt(source, nameKey);
  const object = store.get({ kind, namespace: identityOf(pod).namespace, name });
  const isOptional = dig(source, 'optional') === true;
  if (!object) {
    return isOptional ? noFiles() : { is: 'refused', message: `${kind.toLowerCase()} "${name}" not found` };
  }
  const content = contents(object);
  const mode = numberAt(source, 'defaultMode') ?? DEFAULT_MODE;
  const items = objectsAt(source, 'items');
  const files = new Map<string, VolumeFile>();
  if (items.length === 0) for (const [key, bytes] of content) files.set(key, { content: bytes, mode });
  for (const item of items) {
    const bytes = content.get(textAt(item, 'key'));
    if (bytes) files.set(textAt(item, 'path'), { content: bytes, mode: numberAt(item, 'mode') ?? mode });
    else if (!isOptional)
      return {
        is: 'refused',
        message: `references non-existent ${kind === 'Secret' ? 'secret' : 'config'} key: ${textAt(item, 'key')}`,
      };
  }
  return { is: 'files', files };
}

function contents(object: KubeObject): ReadonlyMap<string, Buffer> {
  const isSecret = object.kind === 'Secret';
  const plain = isSecret ? textsAt(object, 'stringData') : textsAt(object, 'data');
  const encoded = isSecret ? textsAt(object, 'data') : textsAt(object, 'binaryData');
  return new Map([
    ...Object.entries(encoded).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
    ...Object.entries(plain).map(([key, value]) => [key, Buffer.from(value)] as const),
  ]);
}

function fromPod(pod: KubeObject, source: KubeObject): VolumeFiles {
  const mode = numberAt(source, 'defaultMode') ?? DEFAULT_MODE;
  const files = objectsAt(source, 'items').map((item) => {
    const path = textAt(item, 'fieldRef', 'fieldPath').split('.');
    const value = dig(pod, ...path);
    const text =
      typeof value === 'object' && value !== null
        ? Object.entries(value)
            .map(([key, member]) => `${key}=${JSON.stringify(member)}`)
            .join('\n')
        : String(value ?? '');
    return [textAt(item, 'path'), { content: Buffer.from(text), mode }] as const;
  });
  return { is: 'files', files: new Map(files) };
}

function projected(store: Store, pod: KubeObject, source: KubeObject): VolumeFiles {
  const files = new Map<string, VolumeFile>();
  const mode = numberAt(source, 'defaultMode') ?? DEFAULT_MODE;
  for (const part of objectsAt(source, 'sources')) {
    const withMode = (key: string) => ({ ...objectAt(part, key), defaultMode: mode });
    const found = part.configMap
      ? fromObject(store, pod, 'ConfigMap', withMode('configMap'), 'name')
      : part.secret
        ? fromObject(store, pod, 'Secret', withMode('secret'), 'name')
        : part.downwardAPI
          ? fromPod(pod, withMode('downwardAPI'))
          : tokenOf(objectAt(part, 'serviceAccountToken'), mode);
    if (found.is === 'refused') return found;
    for (const [name, file] of found.files) files.set(name, file);
  }
  return { is: 'files', files };
}

/** Nobody here checks a token: its file is there, that is all. */
function tokenOf(source: KubeObject, mode: number): VolumeFiles {
  const path = textAt(source, 'path');
  return path === '' ? noFiles() : { is: 'files', files: new Map([[path, { content: Buffer.from('token'), mode }]]) };
}

function noFiles(): VolumeFiles {
  return { is: 'files', files: new Map() };
}
