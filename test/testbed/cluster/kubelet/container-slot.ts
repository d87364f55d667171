import { createHash } from 'node:crypto';
import type { EditableObject } from '../../../scenario/field-edit.ts';
import type { Exit, KubeObject, RunningProgram } from '../../seams.ts';
import { timestamp } from '../timestamp.ts';
import type { ContainerLog } from './container-log.ts';

export interface Ended {
  readonly code: number;
  readonly reason: string;
  readonly message?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

export type ContainerState =
  | { readonly is: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly is: 'running'; readonly program: RunningProgram; readonly startedAt: number }
  | ({ readonly is: 'terminated' } & Ended);

/** A container of a pod, through all its runs. */
export interface ContainerSlot {
  readonly name: string;
  state: ContainerState;
  /** How the run before the present one ended. */
  last?: Ended;
  restarts: number;
  /** Runs that ended one after the other since something changed. */
  failures: number;
  /** What the startup and readiness probes found. */
  started: boolean;
  ready: boolean;
  /** Noted when the program of the present run has ended. */
  exit?: Exit;
  /** The container's entry as the present run got it, without its probes. */
  madeOf: string;
  log?: ContainerLog;
  previousLog?: ContainerLog;
}

export function newSlot(name: string): ContainerSlot {
  const state: ContainerState = { is: 'waiting', reason: 'ContainerCreating' };
  return { name, state, restarts: 0, failures: 0, started: false, ready: false, madeOf: '' };
}

/** An entry of containerStatuses. */
export function slotStatus(slot: ContainerSlot, container: KubeObject, mark: string, isInit: boolean): EditableObject {
  const image = typeof container.image === 'string' ? container.image : '';
  const hasRun = slot.log !== undefined;
  const isDone = isInit && slot.state.is === 'terminated' && slot.state.code === 0;
  return {
    name: slot.name,
    image,
    imageID: hasRun ? `${image.replace(/(:[^/:]*)?(@.*)?$/, '')}@sha256:${digest(image)}` : '',
    ...(hasRun ? { containerID: `containerd://${digest(`${mark}/${slot.name}/${slot.restarts}`)}` } : {}),
    ready: isDone || slot.ready,
    started: slot.started,
    restartCount: slot.restarts,
    state: stateStatus(slot.state),
    lastState: slot.last ? { terminated: endedStatus(slot.last) } : {},
  };
}

function stateStatus(state: ContainerState): EditableObject {
  switch (state.is) {
    case 'running':
      return { running: { startedAt: timestamp(state.startedAt) } };
    case 'terminated':
      return { terminated: endedStatus(state) };
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
  }
}

function endedStatus({ code, reason, message, startedAt, finishedAt }: Ended): EditableObject {
  return {
    exitCode: code,
    reason,
    ...(message === undefined ? {} : { message }),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(finishedAt),
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
