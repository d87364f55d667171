import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../../seams.ts';
import type { ContainerSlot } from './container-slot.ts';
import { fieldPathOf } from './image-pull.ts';
import type { NodeServices, PodSeat } from './pod-seat.ts';
import { type ProbeKind, type ProbeResult, runProbe } from './probes.ts';
import { stopContainer } from './run-container.ts';

/** So long a program that has just started may refuse connections. */
const OPENING_MS = 300;
const LOOK_EVERY_MS = 20;

const WORDS: Readonly<Record<ProbeKind, string>> = {
  startupProbe: 'Startup',
  livenessProbe: 'Liveness',
  readinessProbe: 'Readiness',
};

/** Probes a running container: sets whether it is started and ready, and stops one that is not alive; a failed probe counts as if it had failed often enough. */
export async function checkProbes(
  services: NodeServices,
  seat: PodSeat,
  slot: ContainerSlot,
  container: KubeObject,
): Promise<void> {
  const start = await look(services, seat, slot, container, 'startupProbe');
  const alive = start.is === 'passed' ? await look(services, seat, slot, container, 'livenessProbe') : start;
  if (slot.state.is !== 'running' || slot.exit) return;
  if (alive.is === 'failed') {
    const which = start.is === 'passed' ? 'liveness' : 'startup';
    await stopContainer(services, seat, slot, `Container ${slot.name} failed ${which} probe, will be restarted`);
    return;
  }
  const ready = await look(services, seat, slot, container, 'readinessProbe');
  slot.started = true;
  slot.ready = ready.is === 'passed';
}

async function look(
  services: NodeServices,
  seat: PodSeat,
  slot: ContainerSlot,
  container: KubeObject,
  kind: ProbeKind,
): Promise<ProbeResult> {
  const until = Date.now() + (slot.started ? 0 : OPENING_MS);
  for (;;) {
    if (slot.state.is !== 'running' || slot.exit) return { is: 'passed' };
    const result = await runProbe(kind, container, slot.state.program, seat.address);
    if (result.is === 'failed' && result.because === 'refused' && Date.now() < until) {
      await delay(LOOK_EVERY_MS);
      continue;
    }
    if (result.is === 'failed') {
      const message = `${WORDS[kind]} probe failed: ${result.message}`;
      const fieldPath = fieldPathOf(seat.pod, slot.name);
      services.record({ about: seat.pod, fieldPath, type: 'Warning', reason: 'Unhealthy', message, nature: 'lasts' });
    }
    return result;
  }
}
