import type { Editable } from '../../scenario/field-edit.ts';
import { readField, writeField } from '../../scenario/field-edit.ts';
import type { Testbed } from '../installation.ts';
import type { Platform } from '../platform.ts';
import type { KubeObject } from '../seams.ts';
import type { ObjectChange } from './fault.ts';

/** Where the base runs SPIRE on its nodes. */
export const AGENT = 'DaemonSet spire-server/spire-agent';
export const CSI = 'DaemonSet spire-server/spire-spiffe-csi-driver';

const POD = 'spec.template.spec';
const EDGE = { key: 'node-role.example.com/edge', value: 'true', effect: 'NoSchedule' };
const TOLERATES_EDGE: Editable = [{ key: EDGE.key, operator: 'Exists' }];

/** node-b is for the edge: only what tolerates that goes there. */
export function edgeNode(objects: KubeObject[]): KubeObject[] {
  const labels = { 'kubernetes.io/hostname': 'node-b', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  return [
    ...objects,
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-b', labels }, spec: { taints: [{ ...EDGE }] } },
  ];
}

/** Lets a workload's pods run on the node for the edge. */
export function toEdge(object: string): ObjectChange {
  return { object, set: { at: `${POD}.tolerations`, to: TOLERATES_EDGE } };
}

/** A field of the pods of a DaemonSet; without `to` it goes. */
export function podField(object: string, at: string, to?: Editable): ObjectChange {
  return { object, set: to === undefined ? { at: `${POD}.${at}` } : { at: `${POD}.${at}`, to } };
}

/** An upgrade of SPIRE's release while it runs changes one field of the pods of a DaemonSet. */
export async function upgrade({ store, settle }: Testbed, daemonSet: string, at: string, to: Editable): Promise<void> {
  const object = store.get({ kind: 'DaemonSet', namespace: 'spire-server', name: daemonSet });
  if (object === undefined) throw new Error(`DaemonSet ${daemonSet} is gone`);
  if (readField(object, `${POD}.${at}`) === undefined) throw new Error(`DaemonSet ${daemonSet} has no ${at}`);
  writeField(object, `${POD}.${at}`, to);
  store.update(object, { manager: 'helm' });
  await settle();
}

/** No registry has images of this tag. */
export function withoutTag(tag: string): (platform: Platform) => void {
  return (platform) => {
    const { pull } = platform;
    platform.pull = (image) =>
      image.endsWith(`:${tag}`)
        ? { answer: 'refused', message: `failed to resolve reference "${image}": ${image}: not found` }
        : pull(image);
  };
}
