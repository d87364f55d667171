import type { EditableObject } from '../../../scenario/field-edit.ts';
import { asCondition, type Condition } from '../conditions.ts';
import { objectAt, objectsAt, textAt } from '../fields.ts';
import { timestamp } from '../timestamp.ts';
import { newSlot, slotStatus } from './container-slot.ts';
import { type PodSeat, podMark } from './pod-seat.ts';

/** The pod's status as its kubelet reports it. */
export function podStatus(seat: PodSeat, now: number): EditableObject {
  const { pod, address, slots, volumes } = seat;
  const mark = podMark(pod);
  const entries = (list: 'initContainers' | 'containers') =>
    objectsAt(pod, 'spec', list).map((container) => {
      const name = textAt(container, 'name');
      return slotStatus(slots.get(name) ?? newSlot(name), container, mark, list === 'initContainers');
    });
  const init = entries('initContainers');
  const main = entries('containers');
  const phase = phaseOf(seat);
  const unready = main.filter(({ ready }) => ready !== true).map(({ name }) => String(name));
  const hasVolumes = volumes.size === objectsAt(pod, 'spec', 'volumes').length;
  return {
    phase,
    conditions: conditions(seat, phase, unready).map((condition) => asCondition(pod, condition, now)),
    hostIP: nodeAddress(seat.node),
    startTime: timestamp(seat.startedAt),
    // Without its volumes a pod has no sandbox yet, and so no address.
    ...(hasVolumes ? { podIP: address, podIPs: [{ ip: address }] } : {}),
    qosClass: textAt(objectAt(pod, 'status'), 'qosClass') || 'BestEffort',
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
  };
}

function phaseOf({ pod, slots, initialised }: PodSeat): string {
  const containers = objectsAt(pod, 'spec', 'containers').map((container) => slots.get(textAt(container, 'name')));
  const policy = textAt(pod, 'spec', 'restartPolicy') || 'Always';
  if (!initialised) {
    const failed = [...slots.values()].some(({ state }) => state.is === 'terminated' && state.code !== 0);
    return failed && policy === 'Never' ? 'Failed' : 'Pending';
  }
  const states = containers.map((slot) => slot?.state);
  if (states.every((state) => state?.is === 'terminated') && policy !== 'Always') {
    return states.every((state) => state?.is === 'terminated' && state.code === 0) ? 'Succeeded' : 'Failed';
  }
  const hasStarted = containers.every((slot) => slot?.state.is !== 'waiting' || slot.last !== undefined);
  return hasStarted ? 'Running' : 'Pending';
}

function conditions({ pod, initialised }: PodSeat, phase: string, unready: readonly string[]): readonly Condition[] {
  const pending = objectsAt(pod, 'spec', 'initContainers').map((container) => textAt(container, 'name'));
  const isOver = phase === 'Succeeded';
  const ready: Omit<Condition, 'type'> =
    isOver || unready.length > 0
      ? {
          status: 'False',
          reason: isOver ? 'PodCompleted' : 'ContainersNotReady',
          ...(isOver ? {} : { message: `containers with unready status: [${unready.join(' ')}]` }),
        }
      : { status: 'True' };
  return [
    initialised
      ? { type: 'Initialized', status: 'True' }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${pending.join(' ')}]`,
        },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function nodeAddress(node: string): string {
  return `10.0.0.${(node.codePointAt(node.length - 1) ?? 0) % 250}`;
}
