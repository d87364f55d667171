import { dig, textAt } from './json.ts';
import type { CollectedObject } from './snapshot.ts';
import type { WorkloadView } from './workloads.ts';
import type { World } from './world.ts';

/** Workloads of one HAPTIC release, found by namespace and instance label. */
export interface ReleaseWorkloads {
  readonly namespace: string;
  readonly instance: string;
  readonly haproxy: WorkloadView[];
  readonly controllers: WorkloadView[];
}

/**
 * The HAProxyTemplateConfig of a release: the one that carries its name, else the only one that carries no neighbour's.
 * Two releases never share one; when nothing tells them apart, it is that of the release that fetches identities.
 */
export function configOfRelease(
  world: World,
  group: ReleaseWorkloads,
  all: readonly ReleaseWorkloads[],
): CollectedObject | undefined {
  const labelOf = ({ object }: CollectedObject) =>
    textAt(dig(object, 'metadata', 'labels', 'app.kubernetes.io/instance'));
  const configs = world.list('HAProxyTemplateConfig', group.namespace).items;
  const own = configs.find((config) => labelOf(config) === group.instance);
  if (own) return own;
  const neighbours = all.filter((other) => other !== group && other.namespace === group.namespace);
  const free = configs.filter((config) => !neighbours.some(({ instance }) => instance === labelOf(config)));
  const [only] = free;
  if (!only || free.length > 1) return undefined;
  const rivals = neighbours.filter(({ instance }) => !configs.some((config) => labelOf(config) === instance));
  const claimants = all.filter((other) => other === group || rivals.includes(other));
  const [heir] = claimants.toSorted((a, b) => Number(fetches(b)) - Number(fetches(a)));
  return heir === group ? only : undefined;
}

function fetches({ haproxy }: ReleaseWorkloads): boolean {
  return haproxy.some(({ template }) => template.containers.some(({ role }) => role === 'spiffe-helper'));
}
