import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { Exit, KubeObject } from '../../seams.ts';
import { identityOf, textAt } from '../fields.ts';
import { contentHash } from '../names.ts';
import { containerLog } from './container-log.ts';
import type { ContainerSlot } from './container-slot.ts';
import { userRefusal } from './credentials.ts';
import { fieldPathOf, pullImage } from './image-pull.ts';
import { launchProgram } from './launch-program.ts';
import { type NodeServices, type PodSeat, podMark } from './pod-seat.ts';
import { namedObjects } from './volume-files.ts';

/** After so many ends in a row a container stays in back-off until something changes. */
const MOST_FAILURES = 3;
/** A real program that fails at its start has done so by then. */
const FIRST_WORDS_MS = 60;

/** Starts a container when it is due: it never ran, or its restart policy wants it back and it has not failed too often. */
export async function keepRunning(
  services: NodeServices,
  seat: PodSeat,
  slot: ContainerSlot,
  container: KubeObject,
): Promise<void> {
  if (slot.state.is === 'running' && slot.exit) noteEnd(services, slot, slot.exit);
  if (slot.state.is === 'running') {
    if (slot.madeOf === contentHash(withoutProbes(container))) return;
    await stopContainer(services, seat, slot, `Container ${slot.name} definition changed, will be restarted`);
    slot.failures = 0;
  }
  if (slot.state.is === 'terminated' && !comesBack(seat.pod, container, slot.state.code)) return;
  if (slot.failures >= MOST_FAILURES) return backOff(services, seat, slot);
  if (!pullImage(services, seat, slot, container)) return;
  const refusal = userRefusal(seat.pod, container) ?? missingForEnv(services, seat.pod, container);
  const about = { about: seat.pod, fieldPath: fieldPathOf(seat.pod, slot.name) };
  if (refusal !== undefined) {
    if (slot.state.is === 'terminated') slot.last = slot.state;
    slot.state = { is: 'waiting', reason: 'CreateContainerConfigError', message: refusal };
    services.record({ ...about, type: 'Warning', reason: 'Failed', message: `Error: ${refusal}`, nature: 'lasts' });
    return;
  }
  await startContainer(services, seat, slot, container);
}

/** Ends a container's run gracefully and notes how it ended. */
export async function stopContainer(
  services: NodeServices,
  seat: PodSeat,
  slot: ContainerSlot,
  message = `Stopping container ${slot.name}`,
  reason?: string,
): Promise<void> {
  if (slot.state.is !== 'running') return;
  const { program } = slot.state;
  const about = { about: seat.pod, fieldPath: fieldPathOf(seat.pod, slot.name) };
  services.record({ ...about, type: 'Normal', reason: 'Killing', message, nature: 'happened' });
  await program.stop();
  const exit = await program.ended;
  noteEnd(services, slot, reason === undefined ? exit : { code: 137, message: reason });
}

async function startContainer(
  services: NodeServices,
  seat: PodSeat,
  slot: ContainerSlot,
  container: KubeObject,
): Promise<void> {
  const { record, now, wake } = services;
  const about = { about: seat.pod, fieldPath: fieldPathOf(seat.pod, slot.name) };
  if (slot.state.is === 'terminated') slot.last = slot.state;
  const hasRun = slot.log !== undefined;
  if (slot.log) slot.previousLog = slot.log;
  if (hasRun) slot.restarts += 1;
  const log = containerLog(now);
  slot.log = log;
  delete slot.exit;
  slot.started = false;
  slot.ready = false;
  slot.madeOf = contentHash(withoutProbes(container));
  const startedAt = now();
  const pulled = `Container image "${textAt(container, 'image')}" already present on machine`;
  record({ ...about, type: 'Normal', reason: 'Pulled', message: pulled, nature: 'happened' });
  record({ ...about, type: 'Normal', reason: 'Created', message: 'Container created', nature: 'happened' });
  try {
    const program = await launchProgram(services, seat, container, log.append);
    slot.state = { is: 'running', program, startedAt };
    void program.ended.then((exit) => {
      if (slot.state.is !== 'running' || slot.state.program !== program) return;
      slot.exit = exit;
      wake();
    });
    record({ ...about, type: 'Normal', reason: 'Started', message: 'Container started', nature: 'happened' });
    await (program.sandbox ? Promise.race([program.ended, delay(FIRST_WORDS_MS)]) : turn());
  } catch (cause) {
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${cause instanceof Error ? cause.message : String(cause)}`;
    slot.failures += 1;
    slot.last = { code: 128, reason: 'StartError', message, startedAt, finishedAt: now() };
    slot.state = { is: 'waiting', reason: 'RunContainerError', message };
    record({ ...about, type: 'Warning', reason: 'Failed', message: `Error: ${message}`, nature: 'lasts' });
  }
}

function noteEnd(services: NodeServices, slot: ContainerSlot, exit: Exit): void {
  if (slot.state.is !== 'running') return;
  const { startedAt } = slot.state;
  const { code, message } = exit;
  const isOutOfMemory = message === 'OOMKilled';
  const reason = isOutOfMemory ? 'OOMKilled' : code === 0 ? 'Completed' : 'Error';
  slot.failures = services.now() - startedAt > 600_000 ? 1 : slot.failures + 1;
  slot.state = {
    is: 'terminated',
    code,
    reason,
    ...(message === undefined || isOutOfMemory ? {} : { message }),
    startedAt,
    finishedAt: services.now(),
  };
  slot.started = false;
  slot.ready = false;
  delete slot.exit;
}

function backOff(services: NodeServices, seat: PodSeat, slot: ContainerSlot): void {
  if (slot.state.is === 'terminated') slot.last = slot.state;
  const seconds = Math.min(300, 10 * 2 ** Math.max(0, slot.restarts));
  const duration = seconds >= 60 ? `${Math.floor(seconds / 60)}m${seconds % 60}s` : `${seconds}s`;
  const mark = podMark(seat.pod);
  const message = `back-off ${duration} restarting failed container=${slot.name} pod=${mark}`;
  slot.state = { is: 'waiting', reason: 'CrashLoopBackOff', message };
  services.record({
    about: seat.pod,
    fieldPath: fieldPathOf(seat.pod, slot.name),
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${slot.name} in pod ${mark}`,
    nature: 'lasts',
  });
}

function comesBack(pod: KubeObject, container: KubeObject, code: number): boolean {
  const policy = textAt(container, 'restartPolicy') || textAt(pod, 'spec', 'restartPolicy') || 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}

function missingForEnv(services: NodeServices, pod: KubeObject, container: KubeObject): string | undefined {
  const named = namedObjects({ spec: { env: container.env ?? [], envFrom: container.envFrom ?? [] } });
  const { namespace } = identityOf(pod);
  for (const reference of named) {
    const [kind = '', name = ''] = reference.split('/');
    if (!services.store.get({ kind, namespace, name })) return `${kind.toLowerCase()} "${name}" not found`;
  }
  return undefined;
}

function withoutProbes(container: KubeObject): KubeObject {
  const { livenessProbe: _live, readinessProbe: _ready, startupProbe: _startup, ...rest } = container;
  return rest;
}
