import type { Platform } from '../../platform.ts';
import type { Controller, KubeObject, Store } from '../../seams.ts';
import { dig, objectsAt, textAt, textListAt } from '../fields.ts';

/** Tells by CSINode objects which drivers are registered on which node. */
export function csiNodes(store: Store, platform: Platform): Controller {
  return {
    name: 'csinodes',
    reconcile: () => {
      for (const [name, { ready }] of platform.nodes) {
        const before = store.get({ kind: 'CSINode', name });
        // Nobody updates the object of a node whose kubelet is gone.
        if (!ready && before) continue;
        const drivers = driversOn(store, name).map((driver) => ({
          name: driver.name,
          nodeID: name,
          topologyKeys: null,
        }));
        if (before) store.update({ ...before, spec: { drivers } }, { manager: 'kubelet' });
        else {
          const object = { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers } };
          store.create(object, { manager: 'kubelet' });
        }
      }
    },
  };
}

export interface NodeDriver {
  readonly name: string;
  /** The pod that runs it. */
  readonly pod: KubeObject;
  /** The driver's entry in the pod's spec. */
  readonly container: KubeObject;
}

/** A driver is registered while its container runs, and the registrar next to it when there is one. */
export function driversOn(store: Store, node: string): readonly NodeDriver[] {
  return store.list('Pod').flatMap((pod) => {
    if (textAt(pod, 'spec', 'nodeName') !== node || dig(pod, 'metadata', 'deletionTimestamp')) return [];
    const containers = objectsAt(pod, 'spec', 'containers');
    const container = containers.find(isDriver);
    const registrar = containers.find(({ image }) => textAt(image).includes('csi-node-driver-registrar'));
    const runs = (wanted: KubeObject) =>
      objectsAt(pod, 'status', 'containerStatuses').some(
        (status) => status.name === wanted.name && dig(status, 'state', 'running') !== undefined,
      );
    if (!container || !runs(container) || (registrar && !runs(registrar))) return [];
    return [{ name: driverName(container), pod, container }];
  });
}

/** The value of `-name value`, `--name value` or `-name=value` among a container's arguments. */
export function argumentOf(container: KubeObject, name: string): string | undefined {
  const words = [...textListAt(container, 'command'), ...textListAt(container, 'args')];
  for (const [index, word] of words.entries()) {
    if (word === `-${name}` || word === `--${name}`) return words[index + 1];
    if (word.startsWith(`-${name}=`) || word.startsWith(`--${name}=`)) return word.slice(word.indexOf('=') + 1);
  }
  return undefined;
}

/** cert-manager's driver mounts files, and no directory of the node. */
const CERT_MANAGER = /\/cert-manager-csi-driver-spiffe[:@]/;

function isDriver(container: KubeObject): boolean {
  const image = textAt(container, 'image');
  return container.name === 'spiffe-csi-driver' || /\/spiffe-csi-driver[:@]/.test(image) || CERT_MANAGER.test(image);
}

function driverName(container: KubeObject): string {
  return CERT_MANAGER.test(textAt(container, 'image'))
    ? (argumentOf(container, 'driver-name') ?? 'spiffe.csi.cert-manager.io')
    : (argumentOf(container, 'plugin-name') ?? 'csi.spiffe.io');
}
