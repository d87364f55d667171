import { isDeepStrictEqual } from 'node:util';
import { dig, objectAt, textAt, textListAt, textsAt } from '../cluster/fields.ts';
import { matchesLabelSelector } from '../cluster/label-selection.ts';
import type { KubeObject, Store } from '../seams.ts';
import type { ControllerManager } from './controller-manager.ts';
import { type Entry, entryKey } from './entry.ts';
import { checkGoTemplate } from './go-template.ts';
import { renderEntry, wordsOf } from './render-entry.ts';

/** The counters of a ClusterSPIFFEID's status, as its CRD names them. */
type Stats = Record<(typeof COUNTERS)[number], number>;
const COUNTERS = [
  'namespacesSelected',
  'namespacesIgnored',
  'podsSelected',
  'podEntryRenderFailures',
  'entriesMasked',
  'entriesToSet',
  'entryFailures',
] as const;

interface Declared {
  readonly entry: Entry;
  readonly by: Reconciled;
}

interface Reconciled {
  readonly object: KubeObject;
  readonly stats: Stats;
}

/** The entries of SPIRE's server that one controller keeps, by their key. */
export type Entries = Map<string, Entry>;

/**
 * One pass of a spire-controller-manager over all ClusterSPIFFEIDs of its class: entries for the pods that they select
 * (fallbacks last, and only for pods that nothing else registers), the oldest object's where several make the same one,
 * and the counters of each object's status.
 */
export function reconcileClusterSpiffeIds(store: Store, manager: ControllerManager, entries: Entries): void {
  const mine = store.list('ClusterSPIFFEID').filter((object) => {
    const className = textAt(object, 'spec', 'className');
    return className === manager.className || (className === '' && manager.watchClassless);
  });
  const reconciled = mine.map((object): Reconciled => ({ object, stats: emptyStats() }));
  const declared = declare(store, manager, reconciled);
  const kept = new Set<string>();
  for (const [key, group] of declared) {
    const [preferred, ...others] = group.toSorted((a, b) => preference(a.by.object, b.by.object));
    if (preferred === undefined) continue;
    preferred.by.stats.entriesToSet += 1;
    for (const { by } of others) by.stats.entriesMasked += 1;
    const refusal = refusalOf(store, preferred);
    const before = entries.get(key);
    if (refusal !== undefined) {
      preferred.by.stats.entryFailures += 1;
      say(manager, 'ERROR', before ? 'Failed to update entry' : 'Failed to create entry', preferred.entry, refusal);
      if (before) kept.add(key);
      continue;
    }
    kept.add(key);
    if (before && isDeepStrictEqual(before, preferred.entry)) continue;
    entries.set(key, preferred.entry);
    say(manager, 'INFO', before ? 'Updated entry' : 'Created entry', preferred.entry);
  }
  for (const key of [...entries.keys()].filter((each) => !kept.has(each))) entries.delete(key);
  for (const { object, stats } of reconciled) writeStatus(store, object, stats);
}

function declare(
  store: Store,
  manager: ControllerManager,
  reconciled: readonly Reconciled[],
): ReadonlyMap<string, readonly Declared[]> {
  const declared = new Map<string, Declared[]>();
  const registered = new Set<string>();
  const isFallback = ({ object }: Reconciled) => dig(object, 'spec', 'fallback') === true;
  for (const by of [...reconciled.filter((one) => !isFallback(one)), ...reconciled.filter(isFallback)]) {
    const spec = objectAt(by.object, 'spec');
    try {
      for (const template of templatesOf(by.object)) checkGoTemplate(template);
    } catch (error) {
      manager.log(`ERROR\tFailed to parse ClusterSPIFFEID spec\t${JSON.stringify({ error: wordsOf(error) })}`);
      continue;
    }
    for (const pod of selectedPods(store, manager, by)) {
      const uid = textAt(pod, 'metadata', 'uid');
      if (isFallback(by) && registered.has(uid)) continue;
      try {
        const entry = renderEntry(store, manager, spec, pod);
        const key = entryKey(entry);
        declared.set(key, [...(declared.get(key) ?? []), { entry, by }]);
        if (!isFallback(by)) registered.add(uid);
      } catch (error) {
        by.stats.podEntryRenderFailures += 1;
        const where = `${textAt(pod, 'metadata', 'namespace')}/${textAt(pod, 'metadata', 'name')}`;
        manager.log(`ERROR\tFailed to render entry\t${JSON.stringify({ pod: where, error: wordsOf(error) })}`);
      }
    }
  }
  return declared;
}

function selectedPods(store: Store, manager: ControllerManager, { object, stats }: Reconciled): readonly KubeObject[] {
  const namespaces = store.list('Namespace').filter((namespace) => {
    const name = textAt(namespace, 'metadata', 'name');
    const labels = { ...textsAt(namespace, 'metadata', 'labels'), 'kubernetes.io/metadata.name': name };
    return matchesLabelSelector(dig(object, 'spec', 'namespaceSelector'), labels);
  });
  stats.namespacesSelected += namespaces.length;
  const pods: KubeObject[] = [];
  for (const namespace of namespaces) {
    const name = textAt(namespace, 'metadata', 'name');
    if (manager.ignoreNamespaces.some((pattern) => new RegExp(`^(?:${pattern})$`).test(name))) {
      stats.namespacesIgnored += 1;
      continue;
    }
    pods.push(
      ...store
        .list('Pod', name)
        .filter((pod) => matchesLabelSelector(dig(object, 'spec', 'podSelector'), textsAt(pod, 'metadata', 'labels'))),
    );
  }
  stats.podsSelected += pods.length;
  return pods;
}

/** Why the server does not take an entry, in its words. */
function refusalOf(store: Store, { entry, by }: Declared): string | undefined {
  const bad = entry.dnsNames.find(
    (name) => !/^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/i.test(name),
  );
  if (bad !== undefined)
    return `rpc error: code = InvalidArgument desc = failed to convert entry: invalid DNS name: label contains invalid characters: ${JSON.stringify(bad)}`;
  const known = store.list('ClusterFederatedTrustDomain').map((object) => textAt(object, 'spec', 'trustDomain'));
  const foreign = textListAt(by.object, 'spec', 'federatesWith').find((domain) => !known.includes(domain));
  if (foreign !== undefined)
    return `rpc error: code = Internal desc = failed to create entry: unable to find federated bundle ${JSON.stringify(foreign)}`;
  return undefined;
}

function writeStatus(store: Store, object: KubeObject, stats: Stats): void {
  if (isDeepStrictEqual(dig(object, 'status', 'stats'), stats)) return;
  store.update(
    { ...object, status: { ...objectAt(object, 'status'), stats: { ...stats } } },
    { manager: 'spire-controller-manager', subresource: 'status' },
  );
}

/** The oldest object comes first; those of one second by their UID. */
function preference(a: KubeObject, b: KubeObject): number {
  const createdAt = (object: KubeObject) => Date.parse(textAt(object, 'metadata', 'creationTimestamp'));
  const difference = createdAt(a) - createdAt(b);
  if (difference !== 0) return difference;
  return textAt(a, 'metadata', 'uid') < textAt(b, 'metadata', 'uid') ? -1 : 1;
}

function templatesOf(object: KubeObject): readonly string[] {
  const spec = objectAt(object, 'spec');
  return [
    textAt(spec, 'spiffeIDTemplate'),
    ...textListAt(spec, 'dnsNameTemplates'),
    ...textListAt(spec, 'workloadSelectorTemplates'),
  ];
}

function say(manager: ControllerManager, level: 'INFO' | 'ERROR', what: string, entry: Entry, error?: string): void {
  const { id, spiffeId: spiffeID, selectors, dnsNames } = entry;
  const fields = { id, spiffeID, selectors, ...(dnsNames.length > 0 ? { dnsNames } : {}), ...(error ? { error } : {}) };
  manager.log(`${level}\t${what}\t${JSON.stringify(fields)}`);
}

function emptyStats(): Stats {
  return {
    namespacesSelected: 0,
    namespacesIgnored: 0,
    podsSelected: 0,
    podEntryRenderFailures: 0,
    entriesMasked: 0,
    entriesToSet: 0,
    entryFailures: 0,
  };
}
