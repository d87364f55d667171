import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../../seams.ts';
import { identityOf, keyOf, objectAt, objectsAt, textAt } from '../fields.ts';
import { contentHash } from '../names.ts';
import { checkProbes } from './check-probes.ts';
import { type ContainerSlot, newSlot } from './container-slot.ts';
import type { NodeServices, PodSeat } from './pod-seat.ts';
import { podStatus } from './pod-status.ts';
import { keepRunning, stopContainer } from './run-container.ts';
import { namedObjects } from './volume-files.ts';
import { mountVolume } from './volumes.ts';

/** An init container that takes longer is looked at again when it has ended. */
const INIT_MS = 2000;

/** Brings a pod on its node one step further, as far as nothing has to be waited for, and reports its status. */
export async function syncPod(services: NodeServices, seat: PodSeat): Promise<void> {
  const phase = textAt(seat.pod, 'status', 'phase');
  if (phase === 'Failed' || phase === 'Succeeded') return;
  giveHope(services, seat);
  const hasVolumes = mountVolumes(services, seat);
  if (hasVolumes || seat.initialised) await runContainers(services, seat);
  else waitForVolumes(seat);
  report(services, seat);
}

/** Ends everything of a pod: its containers together, its sidecars after them. */
export async function stopPod(services: NodeServices, seat: PodSeat): Promise<void> {
  const main = objectsAt(seat.pod, 'spec', 'containers').map((container) => slotOf(seat, container));
  await Promise.all(main.map((slot) => stopContainer(services, seat, slot)));
  for (const container of objectsAt(seat.pod, 'spec', 'initContainers').toReversed())
    await stopContainer(services, seat, slotOf(seat, container));
}

/** The slot of a container, made when it is asked for first. */
export function slotOf(seat: PodSeat, container: KubeObject): ContainerSlot {
  const name = textAt(container, 'name');
  const slot = seat.slots.get(name) ?? newSlot(name);
  seat.slots.set(name, slot);
  return slot;
}

/** After a change of the pod or of what its volumes are made of, a container that failed is tried again. */
function giveHope({ store }: NodeServices, seat: PodSeat): void {
  const { namespace } = identityOf(seat.pod);
  const sources = namedObjects(seat.pod).map((reference) => {
    const [kind = '', name = ''] = reference.split('/');
    const { data = null, binaryData = null } = store.get({ kind, namespace, name }) ?? {};
    return [reference, data, binaryData];
  });
  const { labels = null, annotations = null } = objectAt(seat.pod, 'metadata');
  const hopes = contentHash([seat.pod.spec ?? null, labels, annotations, sources], 20);
  if (hopes === seat.hopes) return;
  seat.hopes = hopes;
  for (const slot of seat.slots.values()) slot.failures = 0;
}

function mountVolumes(services: NodeServices, seat: PodSeat): boolean {
  const { store, record, nodePath, csiDirectory } = services;
  const { pod, node, directory, volumes } = seat;
  const place = { store, pod, node, directory, nodePath: (path: string) => nodePath(node, path), csiDirectory };
  let all = true;
  for (const volume of objectsAt(pod, 'spec', 'volumes')) {
    const name = textAt(volume, 'name');
    const before = volumes.get(name);
    if (before && before.content !== 'files') continue;
    const mount = mountVolume(place, volume);
    if (mount.is === 'mounted') {
      volumes.set(name, mount.volume);
      continue;
    }
    all = false;
    const message = `MountVolume.SetUp failed for volume "${name}" : ${mount.message}`;
    record({ about: pod, type: 'Warning', reason: 'FailedMount', message, nature: 'lasts' });
  }
  return all;
}

function waitForVolumes(seat: PodSeat): void {
  const init = objectsAt(seat.pod, 'spec', 'initContainers');
  const reason = init.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  for (const container of [...init, ...objectsAt(seat.pod, 'spec', 'containers')])
    slotOf(seat, container).state = { is: 'waiting', reason };
}

async function runContainers(services: NodeServices, seat: PodSeat): Promise<void> {
  const init = objectsAt(seat.pod, 'spec', 'initContainers');
  for (const container of init) {
    const slot = slotOf(seat, container);
    if (container.restartPolicy === 'Always') {
      await keepRunning(services, seat, slot, container);
      await checkProbes(services, seat, slot, container);
      if (slot.started || seat.initialised) continue;
    } else {
      if (seat.initialised) continue;
      await runToItsEnd(services, seat, slot, container);
      if (slot.state.is === 'terminated' && slot.state.code === 0) continue;
    }
    for (const later of [...init.slice(init.indexOf(container) + 1), ...objectsAt(seat.pod, 'spec', 'containers')])
      slotOf(seat, later).state = { is: 'waiting', reason: 'PodInitializing' };
    return;
  }
  seat.initialised = true;
  await Promise.all(
    objectsAt(seat.pod, 'spec', 'containers').map(async (container) => {
      const slot = slotOf(seat, container);
      await keepRunning(services, seat, slot, container);
      await checkProbes(services, seat, slot, container);
    }),
  );
}

async function runToItsEnd(
  services: NodeServices,
  seat: PodSeat,
  slot: ContainerSlot,
  container: KubeObject,
): Promise<void> {
  if (slot.state.is === 'terminated' && slot.state.code === 0) return;
  await keepRunning(services, seat, slot, asInit(seat.pod, container));
  if (slot.state.is !== 'running') return;
  const patience = new AbortController();
  await Promise.race([
    slot.state.program.ended,
    delay(INIT_MS, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  if (slot.exit) await keepRunning(services, seat, slot, { ...asInit(seat.pod, container), restartPolicy: 'Never' });
}

/** An init container that succeeds is done, one that fails comes back unless its pod never restarts anything. */
function asInit(pod: KubeObject, container: KubeObject): KubeObject {
  const policy = textAt(pod, 'spec', 'restartPolicy') === 'Never' ? 'Never' : 'OnFailure';
  return { ...container, restartPolicy: policy };
}

function report({ store, now }: NodeServices, seat: PodSeat): void {
  const fresh = store.get(keyOf(seat.pod));
  if (!fresh || identityOf(fresh).uid !== identityOf(seat.pod).uid) return;
  seat.pod = fresh;
  store.update({ ...fresh, status: podStatus(seat, now()) }, { manager: 'kubelet', subresource: 'status' });
}
