import { discover } from '../../evidence/discovery.ts';
import type { Installation } from '../../evidence/facts/installation.ts';
import type { ObjectRef } from '../../evidence/reading.ts';
import type { World } from '../../evidence/world.ts';
import { configMapsOfHaptic, configMapsOfSpire } from './config-maps.ts';
import { type Details, installationsOf } from './details.ts';
import type { LiveRequest } from './request.ts';

/** ConfigMaps by name. Whoever calls it has to wait for both. */
export interface Named {
  /** They say where in pods to look. */
  readonly ofHaptic: Promise<unknown>;
  /** Only judging waits for these. */
  readonly ofSpire: Promise<unknown>;
}

export function collectNamed({ request, collection, configMaps, subjects, world }: Details): Named {
  const { items } = request;
  const listed = world();
  const haptic = items.includes('config-maps')
    ? configMapsOfHaptic(listed, workloadsIn(installationsOf(listed, subjects)))
    : [];
  const spire = items.includes('spire') || items.includes('spiffe-ids') ? configMapsOfSpire(listed) : [];
  return { ofHaptic: configMaps.collect(collection, haptic), ofSpire: configMaps.collect(collection, spire) };
}

type Foreseen = Pick<LiveRequest, 'items' | 'namespace' | 'release' | 'pods' | 'selector'>;

/**
 * The ConfigMaps that are wanted as far as a world of few lists shows it. What else than a namespace narrows the run
 * down may need the other lists: none then.
 */
export function foreseeNamed(
  { items, namespace, release, pods, selector }: Foreseen,
  world: World,
): readonly ObjectRef[] {
  if (!items.includes('config-maps') || (release ?? pods ?? selector) !== undefined) return [];
  const installations = discover(world).installations.filter(
    (installation) => namespace === undefined || installation.namespace === namespace,
  );
  return configMapsOfHaptic(world, workloadsIn(installations));
}

function workloadsIn(installations: readonly Installation[]): readonly ObjectRef[] {
  return installations.flatMap(({ haproxyWorkloads, controllerWorkloads }) => [
    ...haproxyWorkloads,
    ...controllerWorkloads,
  ]);
}
