import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { baseObjects } from '../../scenario/build.ts';
import { liveObjects } from '../../scenario/cluster.ts';
import { createStore } from '../api/store.ts';
import { objectAt, objectsAt, textAt, textsAt } from '../cluster/fields.ts';
import { throughMounts } from '../cluster/kubelet/mounts.ts';
import { healthyPlatform, type Platform } from '../platform.ts';
import type { KubeObject, Mount, ProgramContext, RunningProgram, Sandbox, Store } from '../seams.ts';
import { type Spire, type SpireOptions, startSpire } from './spire.ts';

const UID = 99;
const PLATFORM = ['spire-server', 'spire-controller-manager', 'spiffe-csi-driver', 'spire-agent'];

/** A container that runs in the fixture. */
export interface RunningContainer {
  readonly program: RunningProgram;
  readonly lines: readonly string[];
  /** The path on this machine of a path in the container. */
  readonly onHost: (path: string) => string;
}

/** The base installation with SPIRE in it, and no kubelet: a test starts the containers that it wants. */
export interface SpireFixture {
  readonly store: Store;
  readonly platform: Platform;
  readonly spire: Spire;
  /** Lets SPIRE's controllers look once. */
  readonly settle: () => Promise<void>;
  /** Starts a container of a pod anew, on volumes that last as long as the pod. */
  readonly start: (pod: string, container: string) => Promise<RunningContainer>;
  /** Server, controller-manager, drivers and agents, or only some of them by the names of their containers. */
  readonly startPlatform: (containers?: readonly string[]) => Promise<void>;
  /** What such containers of the platform have said; of the node's alone when one is given. */
  readonly linesOf: (container: string, node?: string) => readonly string[];
  readonly close: () => Promise<void>;
}

export interface FixtureOptions extends Omit<SpireOptions, 'store' | 'platform' | 'now'> {
  readonly objects?: (objects: KubeObject[]) => readonly KubeObject[];
  readonly now?: () => number;
}

export async function spireFixture({
  objects = (all) => all,
  now = Date.now,
  ...options
}: FixtureOptions = {}): Promise<SpireFixture> {
  const store = createStore({ now });
  const applied = objects(await baseObjects());
  for (const object of [...applied, ...liveObjects(applied)]) store.create(object, { manager: 'test' });
  const platform = healthyPlatform();
  const spire = startSpire({ store, platform, now, ...options });
  const directory = mkdtempSync(join(tmpdir(), 'spire-fixture-'));
  chmodSync(directory, 0o755);
  const running: RunningProgram[] = [];
  const started = new Map<string, RunningContainer>();
  const isOn = (key: string, node: string) =>
    store
      .list('Pod')
      .some((pod) => key.startsWith(`${textAt(pod, 'metadata', 'name')} `) && textAt(pod, 'spec', 'nodeName') === node);

  const start = async (podName: string, name: string): Promise<RunningContainer> => {
    const pod = store.list('Pod').find((each) => textAt(each, 'metadata', 'name') === podName);
    if (pod === undefined) throw new Error(`there is no pod ${podName}`);
    const all = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
    const container = all.find((each) => textAt(each, 'name') === name);
    const chosen = container && spire.programs.find((each) => each.runs(container, pod));
    if (container === undefined || chosen === undefined) throw new Error(`nothing runs ${name} of ${podName}`);
    const mounts = mountsOf(store, pod, container, join(directory, podName));
    const lines: string[] = [];
    const context: ProgramContext = {
      ref: { namespace: textAt(pod, 'metadata', 'namespace'), pod: podName, container: name },
      pod,
      container,
      address: addressOf(podName),
      credentials: { uid: UID, gid: UID, groups: [UID] },
      mounts,
      sandbox: async () => fakeSandbox(mounts),
      onHost: (path) => throughMounts(mounts, path),
      log: (line) => lines.push(line),
      store,
    };
    const program = await chosen.start(context);
    running.push(program);
    return { program, lines, onHost: (path) => throughMounts(mounts, path) ?? '/nonexistent' };
  };

  return {
    store,
    platform,
    spire,
    start,
    async settle() {
      for (const { reconcile } of spire.controllers) await reconcile();
    },
    async startPlatform(containers = PLATFORM) {
      for (const container of containers) {
        for (const pod of store.list('Pod', 'spire-server')) {
          const has = objectsAt(pod, 'spec', 'containers').some((each) => textAt(each, 'name') === container);
          const name = textAt(pod, 'metadata', 'name');
          if (has) started.set(`${name} ${container}`, await start(name, container));
        }
      }
    },
    linesOf: (container, node) =>
      [...started].flatMap(([key, { lines }]) =>
        key.endsWith(` ${container}`) && (node === undefined || isOn(key, node)) ? lines : [],
      ),
    async close() {
      for (const program of running) await program.stop();
      spire.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function mountsOf(store: Store, pod: KubeObject, container: KubeObject, directory: string): readonly Mount[] {
  return objectsAt(container, 'volumeMounts').map((mount) => {
    const volume = objectsAt(pod, 'spec', 'volumes').find((each) => each.name === mount.name) ?? {};
    const path = join(directory, textAt(mount, 'name'));
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    const configMap = textAt(objectAt(volume, 'configMap'), 'name');
    const found = store.get({ kind: 'ConfigMap', namespace: textAt(pod, 'metadata', 'namespace'), name: configMap });
    for (const [key, text] of Object.entries(textsAt(found, 'data'))) {
      mkdirSync(dirname(join(path, key)), { recursive: true });
      writeFileSync(join(path, key), text);
    }
    const subPath = textAt(mount, 'subPath');
    return { from: subPath === '' ? path : join(path, subPath), at: textAt(mount, 'mountPath'), readOnly: false };
  });
}

/** Runs commands on this machine with the paths of the container turned into those behind its mounts. */
function fakeSandbox(mounts: readonly Mount[]): Sandbox {
  return {
    run(command, stdin) {
      const [program = '', ...words] = command.map((word) =>
        word.startsWith('/') ? (throughMounts(mounts, word) ?? word) : word,
      );
      const user = getuid?.() === 0 ? { uid: UID, gid: UID } : {};
      const child = spawn(program, words, { stdio: 'pipe', cwd: '/', ...user });
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin ?? '');
      const { promise: ended, resolve } = Promise.withResolvers<number>();
      child.on('close', (code) => resolve(code ?? 137));
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        ended,
        kill: () => child.kill('SIGKILL'),
      };
    },
    close: async () => {},
  };
}

/** An address of this machine for each pod, so that ports do not meet. */
function addressOf(pod: string): string {
  const sum = [...pod].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 64_000, 7);
  return `127.201.${Math.floor(sum / 250)}.${(sum % 250) + 1}`;
}
