import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../platform.ts';
import type { ContainerRef, Controller, KubeObject, PodRuntime, Program, Store } from '../seams.ts';
import { eventRecorder } from './event-recorder.ts';
import { dig, identityOf, textAt } from './fields.ts';
import { giveAddressBack, takeAddress } from './kubelet/addresses.ts';
import { ageFiles } from './kubelet/age-files.ts';
import type { ContainerSlot, Ended } from './kubelet/container-slot.ts';
import type { NodeServices, PodSeat } from './kubelet/pod-seat.ts';
import { stopContainer } from './kubelet/run-container.ts';
import { podRuntime } from './kubelet/runtime.ts';
import { stopPod, syncPod } from './kubelet/sync-pod.ts';
import { nodeClock } from './nodes/node-clock.ts';

export interface KubeletOptions {
  readonly store: Store;
  /** The first that says it runs a container is taken. */
  readonly programs: readonly Program[];
  readonly platform: Platform;
  /** Of this machine; pods' and nodes' directories are made below it. */
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What a CSI driver shows a pod, as a path of this machine; absent or undefined: the hostPath of the driver's own pod. */
  readonly csiDirectory?: (driver: string, node: string, pod: KubeObject) => string | undefined;
}

/** The kubelets of all nodes. */
export interface Kubelets extends Controller, PodRuntime {
  /** Directory of this machine with the pod's `volumes`; undefined: no such pod on a node. */
  readonly podDirectory: (namespace: string, pod: string) => string | undefined;
  /** A path of a node as a path of this machine. */
  readonly nodePath: (node: string, path: string) => string;
  /** Ends a container's run, or its back-off; the next reconcile starts it again. Rejects when there is no such container. */
  readonly restart: (ref: ContainerRef) => Promise<void>;
  /** Ends a container's run as the kernel does when memory runs out. Rejects when it does not run. */
  readonly outOfMemory: (ref: ContainerRef) => Promise<void>;
  /** Moves logs, files and starts this many milliseconds into the past; 5 minutes and more end every back-off. */
  readonly age: (milliseconds: number) => void;
  /** Told when a program has ended by itself, so that somebody reconciles. Returns how to stop. */
  readonly onWake: (listener: () => void) => () => void;
  /** Ends every program. */
  readonly close: () => Promise<void>;
}

const LONGEST_BACK_OFF_MS = 300_000;

export function startKubelets(options: KubeletOptions): Kubelets {
  const { store, programs, platform, directory, now } = options;
  const seats = new Map<string, PodSeat>();
  const listeners = new Set<() => void>();
  let closed = false;
  const services: NodeServices = {
    store,
    programs,
    platform,
    now,
    record: eventRecorder(store, 'kubelet', now),
    nodePath: (node, path) => join(directory, 'nodes', node, path),
    nodeMounts: (node) => nodeClock(join(directory, 'clocks', node), platform.nodes.get(node)?.clockAhead ?? 0),
    csiDirectory: options.csiDirectory,
    wake: () => {
      for (const listener of closed ? [] : listeners) listener();
    },
  };

  const seatOf = (namespace: string, name: string) =>
    [...seats.values()].find(({ pod }) => identityOf(pod).namespace === namespace && identityOf(pod).name === name);
  const slotAt = (ref: ContainerRef) => {
    const seat = seatOf(ref.namespace, ref.pod);
    const slot = seat?.slots.get(ref.container);
    return seat && slot && { seat, slot };
  };
  const required = (ref: ContainerRef) => {
    const found = slotAt(ref);
    if (!found) throw new Error(`there is no container ${ref.namespace}/${ref.pod}/${ref.container}`);
    return found;
  };

  const vacate = async (uid: string, seat: PodSeat) => {
    await stopPod(services, seat);
    seats.delete(uid);
    giveAddressBack(seat.address);
    rmSync(seat.directory, { recursive: true, force: true });
  };
  const seatFor = (pod: KubeObject): PodSeat => {
    const { namespace, name, uid } = identityOf(pod);
    const before = seats.get(uid);
    if (before) return Object.assign(before, { pod });
    const podDirectory = join(directory, 'pods', `${namespace}_${name}_${uid}`);
    mkdirSync(podDirectory, { recursive: true });
    const seat: PodSeat = {
      pod,
      node: textAt(pod, 'spec', 'nodeName'),
      address: takeAddress(),
      directory: podDirectory,
      volumes: new Map(),
      slots: new Map(),
      hopes: '',
      startedAt: now(),
      initialised: false,
    };
    seats.set(uid, seat);
    return seat;
  };

  const isUp = (node: string) => platform.nodes.get(node)?.ready === true;

  const look = async () => {
    // A clock that has been set shows in what runs.
    for (const node of platform.nodes.keys()) services.nodeMounts(node);
    const pods = store.list('Pod').filter((pod) => textAt(pod, 'spec', 'nodeName') !== '');
    const stays = (pod: KubeObject) => !dig(pod, 'metadata', 'deletionTimestamp');
    const wanted = new Map(pods.filter(stays).map((pod) => [identityOf(pod).uid, pod]));
    const gone = [...seats].filter(([uid, seat]) => !wanted.has(uid) && isUp(seat.node));
    await Promise.all(gone.map(([uid, seat]) => vacate(uid, seat)));
    const mine = [...wanted.values()].filter((pod) => isUp(textAt(pod, 'spec', 'nodeName')));
    await Promise.all(mine.map((pod) => syncPod(services, seatFor(pod))));
  };
  let last: Promise<void> = Promise.resolve();
  /** One after the other: two looks at once would start containers twice. */
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    const next = last.then(task);
    last = next.catch(() => undefined);
    return next;
  };

  return {
    name: 'kubelets',
    reconcile: () => inTurn(async () => (closed ? undefined : look())),
    ...podRuntime(seatOf, isUp),
    podDirectory: (namespace, pod) => seatOf(namespace, pod)?.directory,
    nodePath: services.nodePath,
    restart: (ref) =>
      inTurn(async () => {
        const { seat, slot } = required(ref);
        await stopContainer(services, seat, slot);
        slot.failures = 0;
      }),
    outOfMemory: (ref) =>
      inTurn(async () => {
        const { seat, slot } = required(ref);
        if (slot.state.is !== 'running') throw new Error(`container ${ref.container} of ${ref.pod} does not run`);
        await stopContainer(
          services,
          seat,
          slot,
          `Memory cgroup out of memory: killed container ${slot.name}`,
          'OOMKilled',
        );
      }),
    age: (milliseconds) => {
      for (const seat of seats.values()) {
        seat.startedAt -= milliseconds;
        for (const slot of seat.slots.values()) ageSlot(slot, milliseconds);
      }
      ageFiles(directory, milliseconds);
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () =>
      inTurn(async () => {
        closed = true;
        await Promise.all([...seats].map(([uid, seat]) => vacate(uid, seat)));
      }),
  };
}

function ageSlot(slot: ContainerSlot, milliseconds: number): void {
  const aged = <T extends Ended>(ended: T): T => ({
    ...ended,
    startedAt: ended.startedAt - milliseconds,
    finishedAt: ended.finishedAt - milliseconds,
  });
  if (slot.state.is === 'terminated') slot.state = aged(slot.state);
  if (slot.state.is === 'running') slot.state = { ...slot.state, startedAt: slot.state.startedAt - milliseconds };
  if (slot.last) slot.last = aged(slot.last);
  slot.log?.age(milliseconds);
  slot.previousLog?.age(milliseconds);
  if (milliseconds >= LONGEST_BACK_OFF_MS) slot.failures = 0;
}
