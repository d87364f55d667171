import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectsAt, textAt } from '../cluster/fields.ts';
import type { Platform } from '../platform.ts';
import type { TlsIdentity } from '../programs/tls-backend.ts';
import type { Controller, KubeObject, Program, Store } from '../seams.ts';
import { type Agent, agentProgram } from './agent.ts';
import { renewSvids, type ServerState, syncAgent } from './agents.ts';
import type { Issuance } from './authority.ts';
import { type ControllerManager, controllerManagerProgram } from './controller-manager.ts';
import { csiDrivers } from './csi-drivers.ts';
import type { Entry } from './entry.ts';
import type { HelperProcess } from './helper/process.ts';
import { helperProgram } from './helper/program.ts';
import { type IssuingOptions, issuing } from './issuing.ts';
import { selinuxLabels } from './labels.ts';
import { selectorsOf } from './pod-selectors.ts';
import { type Entries, reconcileClusterSpiffeIds } from './registrar.ts';
import { serverProgram } from './server.ts';
import { workloadApi } from './workload-api.ts';

/** How often everything that waits for a retry tries again by itself. */
const RETRY_EVERY = 10_000;

export interface SpireOptions extends IssuingOptions {
  readonly store: Store;
  readonly platform: Platform;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Which SVIDs are renewed, and how; all of them, just now, unless told otherwise. */
export interface Rotation extends Partial<Issuance> {
  readonly pod?: { readonly namespace: string; readonly name: string };
  readonly spiffeId?: string;
}

/** SPIRE as far as the cluster's objects install it. */
export interface Spire {
  /** Registration first, then agents and helpers; they belong before the kubelets, which ask for readiness. */
  readonly controllers: readonly Controller[];
  readonly programs: readonly Program[];
  /** An empty directory of this machine that stands for a node's socket directory in CSI volumes. */
  readonly csiDirectory: (driver: string, node: string) => string;
  /** Entries that controllers have made of objects. */
  readonly registered: () => readonly Entry[];
  /** What the Workload API gives a pod that mounts it; undefined: nothing. */
  readonly identityOf: (pod: KubeObject) => TlsIdentity | undefined;
  /** Renews SVIDs in the agents and hands them to the helpers that watch. */
  readonly rotate: (rotation?: Rotation) => Promise<void>;
  /**
   * A new root issues everybody's SVIDs, and bundles have both roots. `retire` takes the old one out. `trustDomain`
   * may be left out when there is one. `rootEnds` (epoch milliseconds) is when its upstream authority lets it end.
   */
  readonly rotateAuthority: (
    trustDomain?: string,
    rootEnds?: number,
  ) => Promise<{ readonly retire: () => Promise<void> }>;
  /** Agents hand out this bundle instead of the real one (PEM certificates); undefined: the real one again. */
  readonly pretendBundle: (bundle: readonly string[] | undefined, trustDomain?: string) => Promise<void>;
  /** The past is over: what agents fetch from now on is new, and what still fails is said again. */
  readonly settle: () => void;
  /** Everything that waits for a retry tries again now, and says so. */
  readonly retry: () => Promise<void>;
  /** The helpers of a pod do not notice anything any more until they are started anew. */
  readonly stall: (pod: { readonly namespace: string; readonly name: string }) => void;
  readonly close: () => void;
}

export function startSpire({ store, platform, now, ...options }: SpireOptions): Spire {
  const servers = new Set<{ readonly namespace: string }>();
  const managers = new Set<ControllerManager>();
  const agents = new Set<Agent>();
  const helpers = new Set<HelperProcess>();
  const drivers = csiDrivers();
  const entries = new Map<string, Entries>();
  const labels = selinuxLabels();
  const api = workloadApi({ store, platform, agents, drivers, labels });
  const directories = mkdtempSync(join(tmpdir(), 'spire-sockets-'));
  const registered = () => [...entries.values()].flatMap((each) => [...each.values()]);
  const { authority, serverOf, settle } = issuing(platform, registered, now, options);
  const state: ServerState = { running: servers, managers, platform, serverOf, now };

  const register = () => {
    for (const manager of managers) {
      const hasServer = [...servers].some(({ namespace }) => namespace === manager.namespace);
      if (!hasServer || platform.spire.registrar === 'stopped') continue;
      const key = `${manager.trustDomain} ${manager.className}`;
      const own = entries.get(key) ?? new Map<string, Entry>();
      entries.set(key, own);
      reconcileClusterSpiffeIds(store, manager, own);
    }
  };
  // One at a time: two looks at once would issue twice.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = queue.then(() => work());
    queue = mine.catch(() => undefined);
    return mine;
  };
  const deliver = async () => {
    for (const agent of agents) await syncAgent(agent, state);
    await Promise.all([...helpers].map((helper) => helper.step()));
  };
  const retry = async () => {
    for (const each of [...agents, ...helpers]) each.forgetSaid();
    await deliver();
  };
  const rotate = async (rotation: Rotation = {}) => {
    const { pod: ref, spiffeId, ...how } = rotation;
    const pod = ref && store.get({ kind: 'Pod', ...ref });
    if (ref !== undefined && pod === undefined) throw new Error(`there is no pod ${ref.namespace}/${ref.name}`);
    const isWanted = (entry: Entry) =>
      (spiffeId === undefined || entry.spiffeId === spiffeId) && (pod === undefined || fits(entry, pod));
    for (const agent of agents) {
      await syncAgent(agent, state);
      // What a test asks for without an age is new, also while the past is being made.
      const server = await serverOf(agent.trustDomain, { age: 0, ...how });
      await renewSvids(agent, state, isWanted, server);
    }
    await deliver();
  };
  const timer = setInterval(() => void inTurn(retry), RETRY_EVERY);
  timer.unref();

  return {
    controllers: [
      { name: 'spire-controller-manager', reconcile: register },
      { name: 'spire-agents', reconcile: () => inTurn(deliver) },
    ],
    programs: [
      helperProgram(helpers, api, now),
      serverProgram(servers, platform, now),
      controllerManagerProgram(managers, now),
      agentProgram(agents, now),
      drivers.program,
      labels.program,
    ],
    csiDirectory(driver, node) {
      const directory = join(directories, encodeURIComponent(`${node}-${driver}`));
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      return directory;
    },
    registered,
    identityOf(pod) {
      const found = api.svidsOf(pod);
      const svid = found?.svids[0];
      if (found === undefined || svid === undefined) return undefined;
      return { certificatePem: svid.certificates.join(''), keyPem: svid.keyPem, caPem: found.bundle.join('') };
    },
    rotate: (rotation) => inTurn(() => rotate(rotation)),
    async rotateAuthority(trustDomain, rootEnds) {
      const issuer = await authority(trustDomain);
      await issuer.rotate(rootEnds);
      await inTurn(rotate);
      return {
        retire: async () => {
          issuer.retire();
          await inTurn(deliver);
        },
      };
    },
    async pretendBundle(bundle, trustDomain) {
      (await authority(trustDomain)).pretend(bundle);
      await inTurn(deliver);
    },
    settle() {
      settle();
      for (const each of [...agents, ...helpers]) each.forgetSaid();
    },
    retry: () => inTurn(retry),
    stall({ namespace, name }) {
      for (const helper of helpers) if (helper.namespace === namespace && helper.pod === name) helper.stall();
    },
    close() {
      clearInterval(timer);
      rmSync(directories, { recursive: true, force: true });
    },
  };
}

/** Whether an entry is for some container of the pod. */
function fits(entry: Entry, pod: KubeObject): boolean {
  return objectsAt(pod, 'spec', 'containers').some((container) => {
    const selectors = selectorsOf(pod, textAt(container, 'name'));
    return entry.selectors.every((selector) => selectors.has(selector));
  });
}
