import type { KubeObject } from '../../seams.ts';
import { objectsAt, textAt } from '../fields.ts';
import type { ContainerSlot } from './container-slot.ts';
import type { NodeServices, PodSeat } from './pod-seat.ts';

/** Whether the image is there; when not, the slot waits with the kubelet's reason, and Events say why. */
export function pullImage(services: NodeServices, seat: PodSeat, slot: ContainerSlot, container: KubeObject): boolean {
  const image = textAt(container, 'image');
  const { record, platform } = services;
  const about = { about: seat.pod, fieldPath: fieldPathOf(seat.pod, slot.name) };
  if (!/^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/i.test(image)) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
    slot.state = { is: 'waiting', reason: 'InvalidImageName', message };
    record({ ...about, type: 'Warning', reason: 'InspectFailed', message, nature: 'lasts' });
    return false;
  }
  const pull = platform.pull(image);
  if (pull.answer === 'found') return true;
  if (pull.answer === 'pulling') {
    const reason = objectsAt(seat.pod, 'spec', 'initContainers').length > 0 ? 'PodInitializing' : 'ContainerCreating';
    slot.state = { is: 'waiting', reason };
    record({ ...about, type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"`, nature: 'lasts' });
    return false;
  }
  const code = /not found/.test(pull.message) ? 'NotFound' : 'Unknown';
  const why = `rpc error: code = ${code} desc = failed to pull and unpack image "${image}": ${pull.message}`;
  const backsOff = slot.state.is === 'waiting' && /^(?:ErrImagePull|ImagePullBackOff)$/.test(slot.state.reason);
  const backOff = `Back-off pulling image "${image}"`;
  slot.state = backsOff
    ? { is: 'waiting', reason: 'ImagePullBackOff', message: `${backOff}: ErrImagePull: ${why}` }
    : { is: 'waiting', reason: 'ErrImagePull', message: why };
  const warn = (reason: string, message: string) =>
    record({ ...about, type: 'Warning', reason, message, nature: 'lasts' });
  warn('Failed', `Failed to pull image "${image}": ${why}`);
  warn('Failed', `Error: ${slot.state.reason}`);
  if (backsOff) record({ ...about, type: 'Normal', reason: 'BackOff', message: backOff, nature: 'lasts' });
  return false;
}

/** `spec.initContainers{create-spiffe-dir}` */
export function fieldPathOf(pod: KubeObject, container: string): string {
  const isInit = objectsAt(pod, 'spec', 'initContainers').some(({ name }) => name === container);
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`;
}
