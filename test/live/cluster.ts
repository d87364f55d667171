import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatherItem } from '../../src/evidence/catalogue.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { ProbeAnswer, Snapshot } from '../../src/evidence/snapshot.ts';
import { gatherLive } from '../../src/sources/live/gather.ts';
import type { LiveIo, LiveOrder, Timer } from '../../src/sources/live/request.ts';
import { buildScenario } from '../scenario/build.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';
import type { ExecAnswer, ExecCall } from './api-server/exec-endpoint.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from './api-server/server.ts';

export const EVERYTHING: readonly GatherItem[] = [
  'pods',
  'config-maps',
  'events',
  'rollouts',
  'haptic-config',
  'haproxy-cfg',
  'ingresses',
  'backends',
  'csi',
  'spire',
  'spiffe-ids',
  'helper-logs',
  'reloader-logs',
  'controller-logs',
  'agent-logs',
  'probe',
];

/** Answers as the probe's script frames them: boundary, id, status, two lengths; the argument; the text. */
export function framed(answers: readonly ProbeAnswer[], boundary: string): string {
  const frame = ({ id, argument, status, text }: ProbeAnswer) =>
    `${boundary} ${id} ${status} ${Buffer.byteLength(argument)} ${Buffer.byteLength(text)}\n${argument}${text}\n`;
  return [...answers, { id: 'done', argument: '', status: 0, text: '' }].map(frame).join('');
}

let healthy: ReturnType<typeof buildScenario> | undefined;

/** Options of a server in front of the healthy installation. */
export async function healthyCluster(): Promise<
  Required<Pick<ApiServerOptions, 'objects' | 'log' | 'now'>> & { readonly exec: (call: ExecCall) => ExecAnswer }
> {
  healthy ??= buildScenario('live', []);
  const { objects, logs, probes } = await healthy;
  return {
    objects,
    log: (target) =>
      logs.find(
        (log) => log.pod === target.pod && log.container === target.container && log.previous === target.previous,
      )?.text ?? '',
    exec: ({ pod, command }: ExecCall): ExecAnswer => {
      const probe = probes.find((candidate) => candidate.pod === pod) ?? probes[0];
      return { stdout: framed(probe?.answers ?? [], command[4] ?? '') };
    },
    now: () => OBSERVED_AT,
  };
}

/** The healthy installation with this many HAProxy pods. */
export function withHaproxyPods(objects: readonly JsonObject[], count: number): readonly JsonObject[] {
  const isHaproxy = (object: JsonObject) => object.kind === 'Pod' && nameOf(object).startsWith('haptic-haproxy-');
  const [model] = objects.filter(isHaproxy);
  const clones = Array.from({ length: count }, (_, index): JsonObject => {
    const clone: JsonObject = structuredClone(model ?? {});
    return { ...clone, metadata: { ...metadataOf(clone), name: `haptic-haproxy-${index}`, uid: `haproxy-${index}` } };
  });
  return [...objects.filter((object) => !isHaproxy(object)), ...clones];
}

function metadataOf({ metadata }: JsonObject): JsonObject {
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? (metadata as JsonObject) : {};
}

function nameOf(object: JsonObject): string {
  return String(metadataOf(object).name);
}

/** A timer that runs pauses at once and keeps limits, until a test says that their time has come. */
export class TestTimer implements Timer {
  readonly pauses: number[] = [];
  readonly #limits = new Map<number, Set<() => void>>();
  readonly #isLimit: (milliseconds: number) => boolean;

  constructor(isLimit: (milliseconds: number) => boolean) {
    this.#isLimit = isLimit;
  }

  after(milliseconds: number, action: () => void): () => void {
    if (!this.#isLimit(milliseconds)) {
      this.pauses.push(milliseconds);
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
    const actions = this.#limits.get(milliseconds) ?? new Set();
    this.#limits.set(milliseconds, actions);
    actions.add(action);
    return () => actions.delete(action);
  }

  /** Everything that was limited to so many milliseconds has taken too long. */
  elapse(milliseconds: number): void {
    for (const action of [...(this.#limits.get(milliseconds) ?? [])]) action();
  }
}

export const REQUEST_TIMEOUT = 12_345;
export const RUN_TIMEOUT = 54_321;
/** How long a probe may take, as the live source has it. */
export const PROBE_TIMEOUT = 20_000;

export interface Gathered {
  readonly snapshot: Snapshot;
  readonly server: ApiServer;
  readonly timer: TestTimer;
}

export interface GatherOptions {
  readonly server?: Partial<ApiServerOptions>;
  readonly request?: Partial<LiveOrder>;
  readonly io?: Partial<LiveIo>;
  readonly timer?: TestTimer;
  /** Text of the kubeconfig; the server's unless given. */
  readonly kubeconfig?: (server: ApiServer) => string;
}

const folder = temporaryFolder('live-');
let configs = 0;

/** Starts a server, gathers everything from it, and stops it. */
export async function gatherFrom(options: GatherOptions = {}): Promise<Gathered> {
  const server = await startApiServer({ ...(await healthyCluster()), ...options.server });
  const timer = options.timer ?? testTimer();
  const file = join(folder, `config-${++configs}`);
  writeFileSync(file, options.kubeconfig?.(server) ?? server.kubeconfig(), { mode: 0o600 });
  let boundaries = 0;
  try {
    const snapshot = await gatherLive(
      {
        connection: { kubeconfig: file, requestTimeoutMs: REQUEST_TIMEOUT, ...options.request?.connection },
        items: EVERYTHING,
        timeoutMs: RUN_TIMEOUT,
        concurrency: 8,
        tool: { name: 'kubectl-haptic_spire', version: '0.0.0-test' },
        ...withoutConnection(options.request ?? {}),
      },
      {
        env: {},
        now: () => OBSERVED_AT,
        timer,
        random: () => 0.5,
        boundary: () => `boundary${++boundaries}`,
        signal: new AbortController().signal,
        onProgress: () => undefined,
        ...options.io,
      },
    );
    return { snapshot, server, timer };
  } finally {
    await server.close();
  }
}

export function testTimer(): TestTimer {
  return new TestTimer((milliseconds) => [REQUEST_TIMEOUT, RUN_TIMEOUT, PROBE_TIMEOUT].includes(milliseconds));
}

function withoutConnection({ connection: _connection, ...rest }: Partial<LiveOrder>): Partial<LiveOrder> {
  return rest;
}
