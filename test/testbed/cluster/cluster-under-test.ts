import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStore, type ObjectStore } from '../api/store.ts';
import { healthyPlatform, type Platform } from '../platform.ts';
import type { Exit, KubeObject, Program, ProgramContext } from '../seams.ts';
import { workloadControllers } from './controllers.ts';
import { textAt } from './fields.ts';
import { runToFixpoint } from './fixpoint.ts';
import { type Kubelets, startKubelets } from './kubelets.ts';

/** A container whose program a test steers. */
export interface FakeRun {
  readonly context: ProgramContext;
  /** The program ends by itself. */
  readonly end: (exit: Exit) => void;
  /** What its HTTP server answers; undefined: it refuses. */
  status: number | undefined;
}

/** A store, its controllers and its kubelets with programs that do nothing. */
export interface ClusterUnderTest {
  readonly store: ObjectStore;
  readonly platform: Platform;
  readonly kubelets: Kubelets;
  /** All runs so far, in the order of their starts. */
  readonly runs: readonly FakeRun[];
  readonly settle: () => Promise<void>;
  /** Applies an object over what is there. */
  readonly apply: (object: KubeObject) => void;
  readonly one: (kind: string, namespace: string, name: string) => KubeObject;
  readonly pods: (namespace: string, start: string) => readonly KubeObject[];
  readonly messages: (reason: string) => readonly string[];
  readonly close: () => Promise<void>;
}

/** `decide` says what the program of a container does as it starts; absent or undefined: it runs on. */
export function clusterUnderTest(
  decide: (run: FakeRun) => Exit | Error | undefined = () => undefined,
): ClusterUnderTest {
  const now = () => Date.now();
  const store = createStore({ now });
  const platform = healthyPlatform();
  const directory = mkdtempSync(join(tmpdir(), 'kubelets-'));
  const runs: FakeRun[] = [];
  const kubelets = startKubelets({ store, platform, directory, now, programs: [fakeProgram(runs, decide)] });
  const controllers = [...workloadControllers(store, platform, now), kubelets];
  const list = (kind: string, namespace: string) => store.list(kind, namespace);
  return {
    store,
    platform,
    kubelets,
    runs,
    settle: () => runToFixpoint(controllers, store),
    apply: (object) => {
      const metadata = typeof object.metadata === 'object' && object.metadata !== null ? object.metadata : {};
      const key = {
        kind: textAt(object, 'kind'),
        namespace: textAt(object, 'metadata', 'namespace'),
        name: textAt(object, 'metadata', 'name'),
      };
      const before = store.get(key);
      const change = { manager: 'test' };
      if (!before) store.create(object, change);
      else store.update({ ...before, ...object, metadata: { ...Object(before.metadata), ...metadata } }, change);
    },
    one: (kind, namespace, name) => {
      const found = store.get({ kind, namespace, name });
      if (!found) throw new Error(`there is no ${kind} ${namespace}/${name}`);
      return found;
    },
    pods: (namespace, start) =>
      list('Pod', namespace).filter((pod) => textAt(pod, 'metadata', 'name').startsWith(start)),
    messages: (reason) =>
      store
        .list('Event')
        .filter((event) => event.reason === reason)
        .map((event) => textAt(event, 'message')),
    close: async () => {
      await kubelets.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A Deployment of one container in namespace `test`. */
export function deployment(
  name: string,
  change: { replicas?: number; spec?: KubeObject; container?: KubeObject } = {},
): KubeObject {
  const { replicas = 1, spec = {}, container = {} } = change;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'test' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example.net/main:1', ...container }], ...spec },
      },
    },
  };
}

/** A ConfigMap `settings` with one file, `helper.conf`. */
export const CONFIG_MAP: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'test' },
  data: { 'helper.conf': 'first' },
};

/** A Deployment whose container mounts that ConfigMap. */
export function withConfig(mount: KubeObject = {}): KubeObject {
  return deployment('web', {
    container: { volumeMounts: [{ name: 'settings', mountPath: '/etc/settings', ...mount }] },
    spec: { volumes: [{ name: 'settings', configMap: { name: 'settings' } }] },
  });
}

function fakeProgram(runs: FakeRun[], decide: (run: FakeRun) => Exit | Error | undefined): Program {
  return {
    runs: () => true,
    start: async (context) => {
      let end: (exit: Exit) => void = () => undefined;
      const ended = new Promise<Exit>((resolve) => {
        end = resolve;
      });
      const run: FakeRun = { context, end, status: 200 };
      const isInit = JSON.stringify(context.pod).includes(`"initContainers":[{"name":"${context.ref.container}"`);
      const decision =
        decide(run) ?? (isInit && context.container.restartPolicy !== 'Always' ? { code: 0 } : undefined);
      if (decision instanceof Error) throw decision;
      runs.push(run);
      if (decision) end(decision);
      return {
        ended,
        stop: async () => end({ code: 0 }),
        probe: async () => run.status ?? 'refused',
      };
    },
  };
}
