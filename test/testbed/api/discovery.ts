import type { EditableObject } from '../../scenario/field-edit.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUBRESOURCE_VERBS: Readonly<Record<string, string[]>> = {
  log: ['get'],
  exec: ['create', 'get'],
  attach: ['create', 'get'],
  portforward: ['create', 'get'],
  proxy: ['create', 'delete', 'get', 'patch', 'update'],
  eviction: ['create'],
  binding: ['create'],
  token: ['create'],
  finalize: ['update'],
};
const SUBRESOURCE_KINDS: Readonly<Record<string, readonly [group: string, version: string, kind: string]>> = {
  scale: ['autoscaling', 'v1', 'Scale'],
  eviction: ['policy', 'v1', 'Eviction'],
  binding: ['', 'v1', 'Binding'],
  token: ['authentication.k8s.io', 'v1', 'TokenRequest'],
  exec: ['', 'v1', 'PodExecOptions'],
  attach: ['', 'v1', 'PodAttachOptions'],
  portforward: ['', 'v1', 'PodPortForwardOptions'],
  proxy: ['', 'v1', 'PodProxyOptions'],
};

/** The answer to `/api`. */
export function coreVersions(address: string): EditableObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

/** The answer to `/apis`. */
export function groupList(kinds: readonly ResourceKind[]): EditableObject {
  const groups = groupNames(kinds).map((group) => groupDetails(kinds, group));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** The answer to `/apis/GROUP`; undefined when it is not served. */
export function groupAnswer(kinds: readonly ResourceKind[], group: string): EditableObject | undefined {
  if (!groupNames(kinds).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupDetails(kinds, group) };
}

function groupDetails(kinds: readonly ResourceKind[], group: string): EditableObject {
  const versions = versionsOf(kinds, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] ?? null };
}

/** The answer to `/apis/GROUP/VERSION` and `/api/v1`; undefined when it is not served. */
export function resourceList(
  kinds: readonly ResourceKind[],
  group: string,
  version: string,
): EditableObject | undefined {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  const [first] = served;
  if (!first) return undefined;
  const resources = served.flatMap((kind): EditableObject[] => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.scope === 'namespaced',
      kind: kind.kind,
      verbs: verbsOf(kind),
      ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
      ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
    },
    ...kind.subresources.map((subresource): EditableObject => {
      const [ownGroup, ownVersion, ownKind] = SUBRESOURCE_KINDS[subresource] ?? [kind.group, kind.version, kind.kind];
      const isOther = ownGroup !== kind.group || ownVersion !== kind.version;
      return {
        name: `${kind.plural}/${subresource}`,
        singularName: '',
        namespaced: kind.scope === 'namespaced',
        kind: ownKind,
        verbs: SUBRESOURCE_VERBS[subresource] ?? ['get', 'patch', 'update'],
        ...(isOther ? { group: ownGroup, version: ownVersion } : {}),
      };
    }),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(first), resources };
}

/** The aggregated answer to `/api` (core) or `/apis` (all others). */
export function aggregated(kinds: readonly ResourceKind[], which: 'core' | 'named'): EditableObject {
  const groups = which === 'core' ? [''] : groupNames(kinds);
  const items = groups.map((group): EditableObject => {
    const versions = versionsOf(kinds, group).map((version): EditableObject => {
      const served = kinds.filter((kind) => kind.group === group && kind.version === version);
      return { version, freshness: 'Current', resources: served.map(aggregatedResource) };
    });
    return { metadata: group === '' ? {} : { name: group }, versions };
  });
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource(kind: ResourceKind): EditableObject {
  const subresources = kind.subresources.map((subresource): EditableObject => {
    const [group, version, name] = SUBRESOURCE_KINDS[subresource] ?? [kind.group, kind.version, kind.kind];
    return {
      subresource,
      responseKind: { group, version, kind: name },
      verbs: SUBRESOURCE_VERBS[subresource] ?? ['get', 'patch', 'update'],
    };
  });
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.scope === 'namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
    ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function verbsOf({ storage }: ResourceKind): string[] {
  return storage === 'none' ? ['create'] : [...VERBS];
}

function groupNames(kinds: readonly ResourceKind[]): readonly string[] {
  return [...new Set(kinds.map(({ group }) => group).filter((group) => group !== ''))];
}

function versionsOf(kinds: readonly ResourceKind[], group: string): readonly string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map(({ version }) => version))];
}
