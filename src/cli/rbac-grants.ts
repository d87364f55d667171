import type { Permission, Reach } from '../sources/live/rules.ts';

/** The namespaces to which permissions are to be confined; absent: the whole cluster. */
export interface Confinement {
  readonly haptic?: string;
  readonly spire?: readonly string[];
  readonly backends?: readonly string[];
}

/** One rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What to grant where. */
export interface Grants {
  readonly everywhere: readonly Rule[];
  readonly within: readonly { readonly namespace: string; readonly rules: readonly Rule[] }[];
}

/** Places each permission where it is used, and none where a wider one covers it already. */
export function grantsFor(permissions: readonly Permission[], confinement: Confinement): Grants {
  const namespacesOf = (reach: Reach): readonly string[] => {
    if (reach === 'everywhere') return [];
    if (reach === 'haptic') return confinement.haptic === undefined ? [] : [confinement.haptic];
    return confinement[reach] ?? [];
  };
  const wide = permissions.filter(({ reach }) => namespacesOf(reach).length === 0);
  const covered = new Set(wide.map(keyOf));
  const narrow = permissions.filter((permission) => !covered.has(keyOf(permission)));
  const namespaces = [...new Set(narrow.flatMap(({ reach }) => namespacesOf(reach)))];
  return {
    everywhere: rulesOf(wide),
    within: namespaces.map((namespace) => ({
      namespace,
      rules: rulesOf(narrow.filter(({ reach }) => namespacesOf(reach).includes(namespace))),
    })),
  };
}

function keyOf({ verb, group, resource }: Permission): string {
  return JSON.stringify([group, resource, verb]);
}

/** Resources of one group with the same verbs share a rule. */
function rulesOf(permissions: readonly Permission[]): readonly Rule[] {
  const verbs = new Map<string, { readonly group: string; readonly resource: string; readonly verbs: Set<string> }>();
  for (const { group, resource, verb } of permissions) {
    const key = JSON.stringify([group, resource]);
    const entry = verbs.get(key) ?? { group, resource, verbs: new Set<string>() };
    entry.verbs.add(verb);
    verbs.set(key, entry);
  }
  const alike = Map.groupBy(verbs.values(), (entry) => JSON.stringify([entry.group, ...entry.verbs]));
  return [...alike.values()].map((entries) => ({
    apiGroups: [entries[0]?.group ?? ''],
    resources: entries.map(({ resource }) => resource).toSorted(),
    verbs: [...(entries[0]?.verbs ?? [])],
  }));
}
