import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { baseObjects } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';
import { editObjects, refuseUnused } from '../scenario/object-edits.ts';
import { startTestbedApi, type TestbedApi } from './api/server.ts';
import { createStore, type ObjectStore } from './api/store.ts';
import { workloadControllers } from './cluster/controllers.ts';
import { runToFixpoint } from './cluster/fixpoint.ts';
import { type Kubelets, startKubelets } from './cluster/kubelets.ts';
import type { Beginning } from './faults/fault.ts';
import { createHaptic } from './haptic/haptic.ts';
import { healthyPlatform, type Platform } from './platform.ts';
import { createHaproxies, type Haproxies } from './programs/haproxy.ts';
import { idleProgram } from './programs/idle.ts';
import { istioProxyProgram } from './programs/istio-proxy.ts';
import { shellProgram } from './programs/shell.ts';
import { tlsBackendProgram } from './programs/tls-backend.ts';
import type { Controller, KubeObject, PodRuntime, Program, Store } from './seams.ts';
import { type Spire, startSpire } from './spire/spire.ts';
import { startTraffic, type Traffic } from './traffic/client.ts';
import { BASE_ENTRANCE, type Entrance, readyTargets } from './traffic/targets.ts';

/** A whole installation behind an API, and what a test may do to it. */
export interface Testbed {
  readonly store: ObjectStore;
  readonly platform: Platform;
  readonly api: TestbedApi;
  readonly kubelets: Kubelets;
  readonly haproxies: Haproxies;
  readonly spire: Spire;
  /** Where `KUBECONFIG` and `PATH` let kubectl and the doctor find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Until nothing changes any more. */
  readonly settle: () => Promise<void>;
  /** As if so many milliseconds had gone by: times of objects, logs and files move into the past. */
  readonly age: (milliseconds: number) => void;
  /** Clients that send requests from now on; through the base's Service unless another is given. */
  readonly traffic: (entrance?: Entrance) => Traffic;
  readonly close: () => Promise<void>;
}

/** So long ago the installation last changed. */
const QUIET = 1_500_000;

export interface TestbedOptions {
  /** What the API passes logs and execs on to; the kubelets themselves unless given. */
  readonly runtime?: (kubelets: Kubelets) => PodRuntime;
  /** The cluster's clock, in milliseconds since the epoch; the machine's unless given. */
  readonly now?: () => number;
  /** Real programs in the place of SPIRE's stand-ins; no past is made up for an installation that has them. */
  readonly real?: (standIns: StandIns) => RealPrograms;
}

/** What real programs are given to work with. */
export interface StandIns {
  readonly spire: Spire;
  readonly store: Store;
  /** Of this machine; gone when the testbed closes. */
  readonly directory: string;
}

export interface RealPrograms {
  /** Asked before the stand-ins. */
  readonly programs: readonly Program[];
  /** They look right after the stand-ins' own. */
  readonly controllers: readonly Controller[];
}

/** Installs the healthy base with what is different from it, and waits until it stands as it will. */
export async function startTestbed(beginning: Beginning = {}, options: TestbedOptions = {}): Promise<Testbed> {
  const now = options.now ?? Date.now;
  const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-testbed-'));
  const store = createStore({ now });
  const platform = healthyPlatform();
  beginning.platform?.(platform);
  // What makes the cluster only reads; those who break it change what they get.
  const { uncopied } = store;
  const spire = startSpire({ store: uncopied, platform, now, ...beginning.spire });
  const haproxies = createHaproxies();
  const haptic = createHaptic({ store: uncopied, haproxies, now });
  const real = options.real?.({ spire, store: uncopied, directory });
  const programs = [
    ...(real?.programs ?? []),
    ...spire.programs,
    haptic.program,
    tlsBackendProgram({ identityOf: spire.identityOf }),
    istioProxyProgram,
    haproxies.program,
    shellProgram,
    idleProgram,
  ];
  const kubelets = startKubelets({
    store: uncopied,
    programs,
    platform,
    directory,
    now,
    ...(real ? {} : { csiDirectory: spire.csiDirectory }),
  });
  const controllers = [
    ...workloadControllers(uncopied, platform, now),
    ...spire.controllers,
    ...(real?.controllers ?? []),
    // It tries again what failed for lack of certificates as soon as they are there, before kubelets call the pod ready.
    haptic.controller,
    kubelets,
    haptic.controller,
  ];
  const api = await startTestbedApi({ store, runtime: options.runtime?.(kubelets) ?? kubelets, now });
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, api.kubeconfig(), { mode: 0o600 });

  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let changes = 0;
  let seen = 0;
  let settling = 0;
  const watcher: Controller = {
    name: 'watcher',
    reconcile: () => {
      seen = changes;
    },
  };
  const work = async () => {
    if (closed) return;
    settling += 1;
    try {
      await runToFixpoint([watcher, ...controllers], store);
    } finally {
      settling -= 1;
    }
    // Between the last look and now.
    if (changes !== seen) soon();
  };
  const settle = () => {
    running = running.catch(() => undefined).then(work);
    return running;
  };
  // Whoever changes something from outside, kubectl say, finds that the cluster acts on it.
  let due = false;
  const soon = () => {
    if (due || closed) return;
    due = true;
    setImmediate(() => {
      due = false;
      settle().catch(() => undefined);
    });
  };
  const close = async () => {
    closed = true;
    stopListening();
    stopWaking();
    await running.catch(() => undefined);
    await api.close();
    await kubelets.close();
    spire.close();
    rmSync(directory, { recursive: true, force: true });
  };
  let stopListening = () => {};
  let stopWaking = () => {};
  const age = (milliseconds: number) => {
    store.age(milliseconds);
    kubelets.age(milliseconds);
  };
  try {
    for (const object of await objectsOf(beginning)) store.create(object, { manager: 'helm' });
    await settle();
    spire.settle();
    if (!real) age(QUIET);
    stopListening = store.subscribe(() => {
      changes += 1;
      // Whoever looks at this moment looks until nothing changes any more.
      if (settling === 0) soon();
    });
    stopWaking = kubelets.onWake(soon);
    await settle();
  } catch (cause) {
    await close();
    throw cause;
  }
  const path = [dirname(process.env.KUBECTL ?? ''), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  return {
    store,
    platform,
    api,
    kubelets,
    haproxies,
    spire,
    env: { PATH: path, KUBECONFIG: kubeconfig },
    settle,
    age,
    traffic: (entrance = BASE_ENTRANCE) => startTraffic({ targets: () => readyTargets(uncopied, entrance) }),
    close,
  };
}

async function objectsOf({ change = [], objects = (all) => all }: Beginning): Promise<readonly KubeObject[]> {
  const used = new Set<Change>();
  const edited = editObjects(await baseObjects(), change, used);
  refuseUnused(change, used, () => true);
  return objects(edited);
}
