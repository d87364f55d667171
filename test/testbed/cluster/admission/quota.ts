import type { Controller, KubeObject, Store } from '../../seams.ts';
import { identityOf, objectAt, objectsAt, textAt } from '../fields.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import { containerUse, countedName, countsForQuota, isCompute, podUse } from './resource-use.ts';

/** What a ResourceQuota says against a new pod, in the API server's words; undefined: nothing. */
export function quotaRefusal(store: Store, pod: KubeObject): string | undefined {
  const { namespace } = identityOf(pod);
  for (const quota of store.list('ResourceQuota', namespace)) {
    const refusal = lackingValues(quota, pod) ?? exceeded(quota, pod, store.list('Pod', namespace));
    if (refusal) return refusal;
  }
  return undefined;
}

/** Keeps `status` of every ResourceQuota. */
export function quotaStatus(store: Store): Controller {
  return {
    name: 'resourcequota',
    reconcile: () => {
      for (const quota of store.list('ResourceQuota')) {
        const hard = objectAt(quota, 'spec', 'hard');
        const pods = store.list('Pod', identityOf(quota).namespace);
        const used = Object.fromEntries(
          Object.keys(hard).map((name) => [name, formatQuantity(usedOf(name, pods), countedName(name))]),
        );
        store.update(
          { ...quota, status: { hard, used } },
          { manager: 'kube-controller-manager', subresource: 'status' },
        );
      }
    },
  };
}

function lackingValues(quota: KubeObject, pod: KubeObject): string | undefined {
  const containers = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
  const missing = Object.keys(objectAt(quota, 'spec', 'hard'))
    .toSorted()
    .filter(isCompute)
    .flatMap((name) => {
      const silent = containers.filter((container) => containerUse(container, name) === undefined);
      const names = silent.map((container) => textAt(container, 'name')).toSorted();
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
    });
  return missing.length === 0
    ? undefined
    : `failed quota: ${identityOf(quota).name}: must specify ${missing.join('; ')}`;
}

function exceeded(quota: KubeObject, pod: KubeObject, others: readonly KubeObject[]): string | undefined {
  const over = Object.entries(objectAt(quota, 'spec', 'hard'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => ({
      name,
      requested: podUse(pod, name),
      used: usedOf(name, others),
      limited: parseQuantity(String(limit)),
    }))
    .filter(({ requested, used, limited }) => requested > 0 && used + requested > limited);
  if (over.length === 0) return undefined;
  const tell = (key: 'requested' | 'used' | 'limited') =>
    over.map((entry) => `${entry.name}=${formatQuantity(entry[key], countedName(entry.name))}`).join(',');
  return `exceeded quota: ${identityOf(quota).name}, requested: ${tell('requested')}, used: ${tell('used')}, limited: ${tell('limited')}`;
}

function usedOf(name: string, pods: readonly KubeObject[]): number {
  return pods.filter(countsForQuota).reduce((total, pod) => total + podUse(pod, name), 0);
}
