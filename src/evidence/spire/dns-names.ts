import { listAt, objectAt, textsAt } from '../json.ts';
import type { PodView } from '../pod-view.ts';
import { known, type Reading, unknown } from '../reading.ts';
import { nameOf, type World } from '../world.ts';

/**
 * Names that `autoPopulateDNSNames` gives a pod: for every Endpoints object that has it among its addresses, ready or
 * not, `name`, `name.ns`, `name.ns.svc`, and with the cluster domain where the controller knows it
 * (spire-controller-manager pkg/spireentry/entries.go). For a template, the Services that select it stand in.
 */
export function autoDnsNames(
  world: World,
  pod: PodView,
  clusterDomain: string | undefined,
): Reading<readonly string[]> {
  const namespace = pod.ref.namespace ?? '';
  const services = pod.from === 'pod' ? servicesByEndpoints(world, pod) : servicesBySelector(world, pod);
  if (services.state !== 'known') return services;
  const names = services.value.flatMap((service) => {
    const full = `${service}.${namespace}.svc`;
    return [
      service,
      `${service}.${namespace}`,
      full,
      ...(clusterDomain === undefined ? [] : [`${full}.${clusterDomain}`]),
    ];
  });
  return known(names, services.from);
}

/** True when an Endpoints object has an address that is this pod. */
export function namesPod(endpoints: unknown, pod: PodView): boolean {
  return listAt(objectAt(endpoints).subsets).some((subset) => {
    const { addresses, notReadyAddresses } = objectAt(subset);
    return [...listAt(addresses), ...listAt(notReadyAddresses)].some((address) => {
      const { kind, name, uid } = objectAt(objectAt(address).targetRef);
      if (kind !== 'Pod') return false;
      return pod.uid !== undefined && uid !== undefined ? uid === pod.uid : name === pod.ref.name;
    });
  });
}

function servicesByEndpoints(world: World, pod: PodView): Reading<readonly string[]> {
  const listed = world.list('Endpoints', pod.ref.namespace);
  const services = listed.items.filter(({ object }) => namesPod(object, pod)).map(({ object }) => nameOf(object));
  return listed.rest ?? known(services, { field: `Endpoints in ${pod.ref.namespace}` });
}

function servicesBySelector(world: World, pod: PodView): Reading<readonly string[]> {
  const listed = world.list('Service', pod.ref.namespace);
  const services = listed.items
    .filter(({ object }) => {
      const selector = Object.entries(textsAt(objectAt(object.spec).selector));
      return selector.length > 0 && selector.every(([key, value]) => pod.labels[key] === value);
    })
    .map(({ object }) => nameOf(object));
  if (listed.rest && services.length === 0) return listed.rest;
  return known(services, { field: `Services in ${pod.ref.namespace}` });
}

/** Whether a certificate's DNS name covers a host name: equal, or a wildcard in the first label (RFC 6125 §6.4.3). */
export function coversName(pattern: string, host: string): boolean {
  const wanted = host.toLowerCase();
  const offered = pattern.toLowerCase();
  if (!offered.startsWith('*.')) return offered === wanted;
  const dot = wanted.indexOf('.');
  return dot > 0 && wanted.slice(dot) === offered.slice(1);
}

export function unseenNames(detail: string): Reading<readonly string[]> {
  return unknown('no-evidence', detail);
}
