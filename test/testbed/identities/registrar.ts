import { isDeepStrictEqual } from 'node:util';
import { objectsAt, textAt } from '../cluster/fields.ts';
import { credentialsOf } from '../cluster/kubelet/credentials.ts';
import type { Controller, KubeObject, Store } from '../seams.ts';
import { type Entry, entryId } from '../spire/entry.ts';
import { nodeId } from './agent.ts';
import type { RealServer } from './server.ts';

export interface RegistrarOptions {
  readonly server: RealServer;
  /** As the stand-in of spire-controller-manager makes them of ClusterSPIFFEIDs. */
  readonly registered: () => readonly Entry[];
  readonly store: Pick<Store, 'list'>;
}

/** Brings the real server's entries in line with what ClusterSPIFFEIDs ask for. */
export function realRegistrar({ server, registered, store }: RegistrarOptions): Controller {
  const known = new Map<string, Entry>();
  return {
    name: 'real-registrations',
    reconcile: async () => {
      const current = server.current();
      if (current === undefined) return;
      const wanted = forUnix(registered(), store.list('Pod'));
      for (const [key, { id }] of known) {
        if (wanted.has(key)) continue;
        await current.command('entry', 'delete', '-entryID', id);
        known.delete(key);
      }
      for (const [key, entry] of wanted) {
        const before = known.get(key);
        if (isDeepStrictEqual(before, entry)) continue;
        await current.command('entry', before ? 'update' : 'create', '-entryID', entry.id, ...flags(entry));
        known.set(key, entry);
      }
    },
  };
}

/** The agents here tell workloads by their users, since no kubelet answers them: a pod's UID becomes its containers'. */
function forUnix(entries: readonly Entry[], pods: readonly KubeObject[]): ReadonlyMap<string, Entry> {
  const users = new Map(pods.map((pod) => [`k8s:pod-uid:${textAt(pod, 'metadata', 'uid')}`, workloadUsers(pod)]));
  const wanted = new Map<string, Entry>();
  for (const entry of entries) {
    const [own = '', ...others] = entry.selectors;
    for (const user of users.get(own) ?? []) {
      const selectors = [`unix:uid:${user}`, ...others];
      const key = [entry.spiffeId, entry.node ?? '', ...selectors].join(' ');
      // Pods of one user on one node are one workload.
      if (!wanted.has(key)) wanted.set(key, { ...entry, id: entryId(key), selectors });
    }
  }
  return wanted;
}

/** Users of the pod's containers that the Workload API is mounted into. */
function workloadUsers(pod: KubeObject): ReadonlySet<number> {
  const sockets = new Set(
    objectsAt(pod, 'spec', 'volumes')
      .filter(({ csi }) => csi !== undefined)
      .map((volume) => textAt(volume, 'name')),
  );
  const workloads = objectsAt(pod, 'spec', 'containers').filter((container) =>
    objectsAt(container, 'volumeMounts').some((mount) => sockets.has(textAt(mount, 'name'))),
  );
  return new Set(workloads.map((container) => credentialsOf(pod, container).uid));
}

function flags({ spiffeId, trustDomain, node = '', selectors, dnsNames, ttl, hint }: Entry): readonly string[] {
  return [
    ...['-spiffeID', spiffeId, '-parentID', nodeId(trustDomain, node)],
    ...selectors.flatMap((selector) => ['-selector', selector]),
    ...dnsNames.flatMap((name) => ['-dns', name]),
    ...(ttl === undefined ? [] : ['-x509SVIDTTL', String(Math.round(ttl / 1000))]),
    ...(hint === '' ? [] : ['-hint', hint]),
  ];
}
