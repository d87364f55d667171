import type { NotCollected, Snapshot, Target } from '../../src/evidence/snapshot.ts';
import { listsFor } from '../../src/sources/live/resources.ts';
import type { Permission } from '../../src/sources/live/rules.ts';
import { EVERYTHING } from '../live/cluster.ts';

type Right = Pick<Permission, 'verb' | 'group' | 'resource'>;

/** Kinds by the resource that is listed, beside those that are asked for by name or once namespaces are known. */
const KINDS: Readonly<Record<string, string>> = {
  configmaps: 'ConfigMap',
  events: 'Event',
  ...Object.fromEntries(listsFor(EVERYTHING).map(({ plural, kind }) => [plural, kind])),
};

/** What a run would have brought from the same installation if it lacked one permission. */
export function takeAway(snapshot: Snapshot, right: Right): Snapshot {
  const { verb, group, resource } = right;
  const refusal = (target: Target): NotCollected => ({
    target,
    why: 'forbidden',
    detail: `not allowed to ${verb} ${resource}`,
    rule: { verb, group, resource },
  });
  const { logs, probes, notCollected } = snapshot;
  if (resource === 'pods/log')
    return {
      ...snapshot,
      logs: [],
      notCollected: [
        ...logs.map(({ namespace, pod, container, previous }) =>
          refusal({ what: 'log', namespace, pod, container, previous }),
        ),
        ...notCollected,
      ],
    };
  if (resource === 'pods/exec')
    return {
      ...snapshot,
      probes: [],
      notCollected: [
        ...probes.map(({ namespace, pod }) => refusal({ what: 'probe', namespace, pod })),
        ...notCollected,
      ],
    };
  const kind = KINDS[resource];
  if (kind === undefined) throw new Error(`nothing is known of ${resource}`);
  return {
    ...snapshot,
    objects: snapshot.objects.filter(({ object }) => object.kind !== kind),
    coverage: snapshot.coverage.filter((cover) => cover.kind !== kind),
    // Whoever sees no pods knows of none to ask.
    ...(kind === 'Pod' ? { logs: [], probes: [] } : {}),
    notCollected: [refusal({ what: 'objects', kind }), ...notCollected],
  };
}
