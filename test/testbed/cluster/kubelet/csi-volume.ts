import type { KubeObject, Store } from '../../seams.ts';
import { dig, objectsAt, textAt, textListAt } from '../fields.ts';
import { argumentOf, driversOn, type NodeDriver } from '../nodes/csi-nodes.ts';

/** What becomes of a csi volume: where its files are, or why it cannot be mounted (the part after `… : `). */
export type CsiMount =
  | { readonly is: 'mounted'; readonly path: string | undefined }
  | { readonly is: 'refused'; readonly message: string };

/** Asks the driver that is registered on the node; `path` is a directory of the node, undefined when the driver shows none. */
export function mountCsi(store: Store, node: string, csi: KubeObject): CsiMount {
  const name = textAt(csi, 'driver');
  const driver = driversOn(store, node).find((candidate) => candidate.name === name);
  if (!driver) {
    const missing = `driver name ${name} not found in the list of registered CSI drivers`;
    return refused(`kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${missing}`);
  }
  const object = store.get({ kind: 'CSIDriver', name });
  const mode = (why: string) =>
    refused(
      `kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: volume mode "Ephemeral" not supported by driver ${name} (${why})`,
    );
  if (!object) return mode('no CSIDriver object');
  const modes = textListAt(object, 'spec', 'volumeLifecycleModes');
  if (!modes.includes('Ephemeral'))
    return mode(`only supports ${JSON.stringify(modes.length === 0 ? ['Persistent'] : modes)}`);
  // Without pod information the driver does not learn that the volume is ephemeral.
  if (dig(object, 'spec', 'podInfoOnMount') !== true)
    return refused('rpc error: code = InvalidArgument desc = only ephemeral volumes are supported');
  if (csi.readOnly !== true)
    return refused("rpc error: code = InvalidArgument desc = pod.spec.volumes[].csi.readOnly must be set to 'true'");
  return { is: 'mounted', path: socketDirectory(driver) };
}

/** The node's directory that a SPIFFE CSI driver binds into pods. */
function socketDirectory({ pod, container }: NodeDriver): string | undefined {
  const inDriver = argumentOf(container, 'workload-api-socket-dir') ?? '/spire-agent-socket';
  const mount = objectsAt(container, 'volumeMounts').find((each) => textAt(each, 'mountPath') === inDriver);
  const volume = objectsAt(pod, 'spec', 'volumes').find((each) => each.name === mount?.name);
  return textAt(volume, 'hostPath', 'path') || undefined;
}

function refused(message: string): CsiMount {
  return { is: 'refused', message };
}
