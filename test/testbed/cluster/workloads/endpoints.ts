import type { Editable, EditableObject } from '../../../scenario/field-edit.ts';
import type { Controller, KubeObject, Store } from '../../seams.ts';
import { isTrue } from '../conditions.ts';
import { dig, identityOf, keyOf, numberAt, objectAt, objectsAt, textAt, textsAt } from '../fields.ts';
import { hasLabels } from '../label-selection.ts';
import { contentHash } from '../names.ts';
import { ownedByThis } from '../ownership.ts';
import { isActive } from './pod-standing.ts';

const MANAGER = 'kube-controller-manager';
const CHANGE = { manager: MANAGER };

/** Endpoints and EndpointSlices of Services with a selector; those of other Services are somebody else's. */
export function endpoints(store: Store): Controller {
  return {
    name: 'endpoints',
    reconcile: () => {
      const services = store.list('Service');
      for (const service of services) {
        const selector = textsAt(service, 'spec', 'selector');
        if (Object.keys(selector).length === 0 || textAt(service, 'spec', 'type') === 'ExternalName') continue;
        publish(store, service, backendsOf(store, service, selector));
      }
      const isServed = (object: KubeObject) =>
        services.some(
          (service) =>
            identityOf(service).name === identityOf(object).name &&
            identityOf(service).namespace === identityOf(object).namespace,
        );
      for (const object of store.list('Endpoints')) if (!isServed(object)) store.remove(keyOf(object));
    },
  };
}

interface Backends {
  readonly ready: readonly EditableObject[];
  readonly notReady: readonly EditableObject[];
  readonly ports: readonly EditableObject[];
}

function backendsOf(store: Store, service: KubeObject, selector: Readonly<Record<string, string>>): Backends {
  const { namespace } = identityOf(service);
  const pods = store
    .list('Pod', namespace)
    .filter((pod) => hasLabels(selector, textsAt(pod, 'metadata', 'labels')))
    .filter((pod) => isActive(pod) && textAt(pod, 'status', 'podIP') !== '');
  const takesAll = dig(service, 'spec', 'publishNotReadyAddresses') === true;
  const isReady = (pod: KubeObject) => takesAll || isTrue(pod, 'Ready');
  const address = (pod: KubeObject): EditableObject => ({
    ip: textAt(pod, 'status', 'podIP'),
    nodeName: textAt(pod, 'spec', 'nodeName'),
    targetRef: { kind: 'Pod', namespace, name: identityOf(pod).name, uid: identityOf(pod).uid },
  });
  return {
    ready: pods.filter(isReady).map(address),
    notReady: pods.filter((pod) => !isReady(pod)).map(address),
    ports: objectsAt(service, 'spec', 'ports').flatMap((port) => portOf(port, pods)),
  };
}

function portOf(port: KubeObject, pods: readonly KubeObject[]): EditableObject[] {
  const target: Editable = port.targetPort ?? port.port ?? null;
  const number = typeof target === 'number' ? target : namedPort(String(target), pods);
  if (number === undefined) return [];
  const name = textAt(port, 'name');
  return [{ ...(name === '' ? {} : { name }), port: number, protocol: textAt(port, 'protocol') || 'TCP' }];
}

function namedPort(name: string, pods: readonly KubeObject[]): number | undefined {
  const ports = pods.flatMap((pod) => objectsAt(pod, 'spec', 'containers').flatMap((each) => objectsAt(each, 'ports')));
  const found = ports.find((port) => port.name === name);
  return found && numberAt(found, 'containerPort');
}

function publish(store: Store, service: KubeObject, { ready, notReady, ports }: Backends): void {
  const { namespace, name } = identityOf(service);
  const labels = objectAt(service, 'metadata', 'labels');
  const subset: EditableObject = {
    ...(ready.length === 0 ? {} : { addresses: [...ready] }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: [...notReady] }),
    ports: [...ports],
  };
  const subsets: EditableObject = ready.length + notReady.length === 0 ? {} : { subsets: [subset] };
  put(store, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels }, ...subsets });
  const endpoint = (isReady: boolean) => (address: EditableObject) => ({
    addresses: [address.ip ?? ''],
    conditions: { ready: isReady, serving: isReady, terminating: false },
    nodeName: address.nodeName ?? '',
    targetRef: address.targetRef ?? {},
  });
  put(store, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${contentHash(name, 5)}`,
      namespace,
      labels: {
        ...labels,
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [ownedByThis(service)],
    },
    addressType: 'IPv4',
    endpoints: [...ready.map(endpoint(true)), ...notReady.map(endpoint(false))],
    ports: [...ports],
  });
}

/** Creates or replaces what is published, leaving what the store added to the metadata. */
function put(store: Store, object: KubeObject): void {
  const before = store.get(keyOf(object));
  if (!before) store.create(object, CHANGE);
  else
    store.update({ ...object, metadata: { ...objectAt(before, 'metadata'), ...objectAt(object, 'metadata') } }, CHANGE);
}
