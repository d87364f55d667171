import type { Editable, EditableObject } from '../../scenario/field-edit.ts';

/** How the items of a list are told apart when two versions of it are merged. */
export type ListKind =
  | { readonly merge: 'atomic' }
  | { readonly merge: 'set' }
  /** `patchKey` is the one of strategic merge patches, `keys` are those of server-side apply. */
  | { readonly merge: 'keyed'; readonly patchKey: string; readonly keys: readonly string[] };

const ATOMIC: ListKind = { merge: 'atomic' };
const SET: ListKind = { merge: 'set' };
const BY_NAME = by('name');

/** Lists whose items have an identity, by field name; from the patchMergeKey marks of the API's types. */
const BUILT_IN = new Map<string, ListKind>([
  ['containers', BY_NAME],
  ['initContainers', BY_NAME],
  ['ephemeralContainers', BY_NAME],
  ['volumes', BY_NAME],
  ['env', BY_NAME],
  ['imagePullSecrets', BY_NAME],
  ['secrets', BY_NAME],
  ['resourceClaims', BY_NAME],
  ['drivers', BY_NAME],
  ['volumeMounts', by('mountPath')],
  ['volumeDevices', by('devicePath')],
  ['conditions', by('type')],
  ['addresses', by('type')],
  ['hostAliases', by('ip')],
  ['podIPs', by('ip')],
  ['hostIPs', by('ip')],
  ['topologySpreadConstraints', by('topologyKey', 'topologyKey', 'whenUnsatisfiable')],
]);

/** The same in every kind. */
const METADATA = new Map<string, ListKind>([
  ['ownerReferences', by('uid')],
  ['finalizers', SET],
]);

/** How the list at `path` (field names without list items) of a kind is merged. Lists of custom kinds are atomic. */
export function listKindAt(kind: string, custom: boolean, path: readonly string[]): ListKind {
  const field = path.at(-1) ?? '';
  if (path[0] === 'metadata') return METADATA.get(field) ?? ATOMIC;
  if (custom) return ATOMIC;
  if (field === 'ports') {
    if (kind === 'Service') return by('port', 'port', 'protocol');
    return /^(init|ephemeral)?containers$/i.test(path.at(-2) ?? '')
      ? by('containerPort', 'containerPort', 'protocol')
      : ATOMIC;
  }
  if (kind === 'EndpointSlice' || kind === 'Endpoints') return ATOMIC;
  return BUILT_IN.get(field) ?? ATOMIC;
}

/** An item's identity under `keys`, as managedFields write it: `k:{"name":"haproxy"}`. */
export function itemKey(item: EditableObject, keys: readonly string[]): string {
  const identity: Record<string, Editable> = {};
  for (const key of keys) {
    const value = item[key] ?? (key === 'protocol' ? 'TCP' : undefined);
    if (value !== undefined) identity[key] = value;
  }
  return `k:${JSON.stringify(identity)}`;
}

function by(patchKey: string, ...keys: readonly string[]): ListKind {
  return { merge: 'keyed', patchKey, keys: keys.length === 0 ? [patchKey] : keys };
}
