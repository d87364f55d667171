import type { FactReader } from '../catalogue.ts';
import { isSpiffeDriver } from '../container-role.ts';
import { type JsonObject, listAt, objectAt, textAt, textsAt } from '../json.ts';
import type { PodView } from '../pod-view.ts';
import { absent, chainReading, known, mapReading, type ObjectRef, type Reading } from '../reading.ts';
import { namesPod } from '../spire/dns-names.ts';
import { registrationOf } from '../spire/registration.ts';
import { type Subject, sameRef } from '../subject.ts';
import { workloadsOf } from '../workloads.ts';
import type { World } from '../world.ts';
import { type AnnotatedIngress, annotatedIngresses, snippet } from './installation.ts';
import type { Registration } from './registration.ts';
import { type RenderedBackend, renderedConfig } from './rendered-config.ts';

/** One Service that an annotated Ingress routes to, and who stands behind it. */
export interface IngressBackend {
  readonly service: ObjectRef;
  readonly exists: Reading<true>;
  readonly externalName?: string;
  readonly hasSelector: boolean;
  /** Pods that the Endpoints object names; in files the workloads that the Service selects. */
  readonly pods: Reading<readonly BackendPod[]>;
  /** The name that HAProxy sends as SNI and verifies; `none` when it sends none, '' when it is computed per request. */
  readonly sni: Reading<string>;
}

export interface BackendPod {
  readonly ref: ObjectRef;
  readonly spiffeVolume: 'csi.spiffe.io' | 'cert-manager' | 'other' | 'none';
  readonly registration: Reading<Registration>;
  readonly view: PodView;
}

/** The annotated Ingress that an ingress subject is. */
export const ingress: FactReader<AnnotatedIngress> = {
  gather: ['haptic-config', 'ingresses'],
  read: (world, subject) =>
    chainReading(annotatedIngresses.read(world, subject), (ingresses, from) => {
      const found = ingresses.find(({ ref }) => sameRef(ref, subject.ref));
      return found
        ? known(found, found.origin)
        : absent('object', `Ingress ${subject.ref.namespace}/${subject.ref.name}`, from);
    }),
};

/** The backends of haproxy.cfg that HAPTIC rendered for the Ingress: named `<namespace>_<ingress>_svc_…`. */
export const renderedBackends: FactReader<readonly RenderedBackend[]> = {
  gather: ['haproxy-cfg'],
  read: (world, subject) => {
    const prefix = `${subject.ref.namespace}_${subject.ref.name}_`;
    return mapReading(renderedConfig.read(world, subject), (config) =>
      config.backends.filter(({ name }) => name.startsWith(prefix)),
    );
  },
};

export const backends: FactReader<readonly IngressBackend[]> = {
  gather: ['haptic-config', 'ingresses', 'backends', 'spiffe-ids', 'haproxy-cfg'],
  read: (world, subject) =>
    chainReading(ingress.read(world, subject), (annotated, from) =>
      known(
        annotated.services.map((service) => viewBackend(world, subject, service)),
        from,
      ),
    ),
};

function viewBackend(
  world: World,
  subject: Subject,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): IngressBackend {
  const service = { kind: 'Service', namespace, name };
  const object = world.object('Service', namespace, name);
  const spec = object.state === 'known' ? objectAt(object.value.object.spec) : {};
  const externalName = textAt(spec.externalName);
  return {
    service,
    exists: mapReading(object, () => true as const),
    ...(externalName ? { externalName } : {}),
    hasSelector: Object.keys(textsAt(spec.selector)).length > 0,
    pods: world.fromFiles ? selectedWorkloads(world, namespace, textsAt(spec.selector)) : endpointPods(world, service),
    sni: sniOf(world, subject, name, namespace),
  };
}

function endpointPods(
  world: World,
  { namespace, name }: { namespace: string; name: string },
): Reading<readonly BackendPod[]> {
  return chainReading(world.object('Endpoints', namespace, name), ({ object }, from) => {
    const pods = workloadsOf(world).flatMap((workload) => workload.pods);
    const behind = pods.filter((pod) => pod.ref.namespace === namespace && namesPod(object, pod));
    const { rest } = world.list('Pod', namespace);
    if (rest && behind.length < addressesOf(object)) return rest;
    return known(
      behind.map((pod) => viewPodBehind(world, pod)),
      from,
    );
  });
}

function addressesOf(endpoints: JsonObject): number {
  return listAt(endpoints.subsets).reduce<number>((sum, subset) => {
    const { addresses, notReadyAddresses } = objectAt(subset);
    return sum + listAt(addresses).length + listAt(notReadyAddresses).length;
  }, 0);
}

function selectedWorkloads(
  world: World,
  namespace: string,
  selector: Readonly<Record<string, string>>,
): Reading<readonly BackendPod[]> {
  const wanted = Object.entries(selector);
  const behind = workloadsOf(world)
    .map(({ template }) => template)
    .filter(
      (pod) =>
        pod.ref.namespace === namespace &&
        wanted.length > 0 &&
        wanted.every(([key, value]) => pod.labels[key] === value),
    );
  const rest = world.list('Deployment', namespace).rest;
  if (behind.length === 0 && rest) return rest;
  return known(
    behind.map((pod) => viewPodBehind(world, pod)),
    { field: `workloads in ${namespace}` },
  );
}

function viewPodBehind(world: World, pod: PodView): BackendPod {
  const drivers = pod.volumes.flatMap((volume) =>
    volume.type === 'csi' && isSpiffeDriver(volume.driver) ? [volume.driver] : [],
  );
  const spiffeVolume = drivers.includes('csi.spiffe.io')
    ? 'csi.spiffe.io'
    : drivers.some((driver) => driver.includes('cert-manager'))
      ? 'cert-manager'
      : drivers.length > 0
        ? 'other'
        : 'none';
  return { ref: pod.ref, spiffeVolume, registration: registrationOf(world, pod), view: pod };
}

/** From what HAProxy runs if that was seen, else from what the snippet will render. */
function sniOf(world: World, subject: Subject, service: string, namespace: string): Reading<string> {
  const rendered = renderedBackends.read(world, subject);
  const servers =
    rendered.state === 'known' ? rendered.value.filter(({ name }) => name.includes(`_svc_${service}_`)) : [];
  const tls = servers
    .flatMap((backend) => [...backend.servers.map((server) => server.tls), backend.defaults])
    .find(({ ssl }) => ssl);
  if (tls && rendered.state === 'known') {
    const fixed = /^str\((.*)\)$/.exec(tls.sni ?? '');
    return known(tls.sni === undefined ? 'none' : (fixed?.[1] ?? ''), rendered.from);
  }
  return mapReading(snippet.read(world, subject), ({ sni }) =>
    sni === undefined ? 'none' : sni.replaceAll('<svc>', service).replaceAll('<ns>', namespace),
  );
}
