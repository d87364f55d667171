import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { kill } from 'node:process';
import type { ContainerRef, KubeObject, LogLine, PodRuntime, RunningCommand } from '../seams.ts';

/** A runtime whose containers are this machine. */
export interface FakeRuntime extends PodRuntime {
  /** Adds a line to a container's log, and tells whoever follows. */
  readonly say: (ref: ContainerRef, line: LogLine, previous?: boolean) => void;
  /** Commands that are not this machine's. */
  readonly commands: Map<string, () => RunningCommand>;
  /** Words that a command is refused with. */
  readonly refusals: Map<string, string>;
  /** Commands that still run. */
  readonly running: () => number;
  /** Kills them. */
  readonly close: () => void;
  /** How many follow a log. */
  readonly followers: () => number;
  /** Where a pod's port is. */
  readonly listen: (pod: string, port: number, at: number) => void;
}

export function fakeRuntime(): FakeRuntime {
  const logs = new Map<string, { readonly lines: LogLine[]; readonly listeners: Set<(line: LogLine) => void> }>();
  const ports = new Map<string, number>();
  const commands = new Map<string, () => RunningCommand>();
  const refusals = new Map([['nothing', 'exec: "nothing": executable file not found in $PATH']]);
  const running = new Set<RunningCommand>();
  const keyOf = ({ namespace, pod, container }: ContainerRef, previous: boolean) =>
    [namespace, pod, container, previous].join(' ');
  return {
    say: (ref, line, previous = false) => {
      const key = keyOf(ref, previous);
      const log = logs.get(key) ?? { lines: [], listeners: new Set() };
      logs.set(key, log);
      log.lines.push(line);
      for (const listener of log.listeners) listener(line);
    },
    commands,
    refusals,
    running: () => running.size,
    close: () => {
      for (const command of running) command.kill();
    },
    followers: () => [...logs.values()].reduce((sum, { listeners }) => sum + listeners.size, 0),
    listen: (pod, port, at) => ports.set(`${pod} ${port}`, at),
    log: (ref, previous) => {
      const log = logs.get(keyOf(ref, previous));
      if (log === undefined) return undefined;
      return {
        lines: log.lines,
        follow: (listener) => {
          log.listeners.add(listener);
          return () => log.listeners.delete(listener);
        },
      };
    },
    exec: async (_ref, command) => {
      const [program = ''] = command;
      const refused = refusals.get(program);
      if (refused !== undefined) return { refused };
      const started = commands.get(program)?.() ?? start(command);
      running.add(started);
      void started.ended.finally(() => running.delete(started));
      return started;
    },
    address: (_namespace, pod, port) => {
      const at = ports.get(`${pod} ${port}`);
      return at === undefined ? undefined : { host: '127.0.0.1', port: at };
    },
  };
}

function start([program = '', ...args]: readonly string[]): RunningCommand {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(-child.pid, 'SIGKILL');
    },
  };
}

type State = 'running' | 'terminated' | { readonly waiting: string };

/** A scheduled pod; its containers are in these states. `ended`: those that had a run before. */
export function podWith(
  name: string,
  states: Readonly<Record<string, State>>,
  ended: readonly string[] = [],
): KubeObject {
  const containerStatuses = Object.entries(states).map(
    ([container, state]): KubeObject => ({
      name: container,
      restartCount: ended.includes(container) ? 1 : 0,
      state: stateOf(state),
      ...(ended.includes(container) ? { lastState: { terminated: { exitCode: 1 } } } : {}),
    }),
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'haptic' },
    spec: {
      nodeName: 'node-a',
      containers: Object.keys(states).map((container) => ({
        name: container,
        image: container,
        ports: [{ name: 'stats', containerPort: 8404 }],
      })),
    },
    status: { phase: 'Running', podIP: '10.0.0.9', containerStatuses },
  };
}

function stateOf(state: State): KubeObject {
  if (typeof state === 'object') return { waiting: { reason: state.waiting } };
  return state === 'running' ? { running: { startedAt: '2026-01-01T00:00:00Z' } } : { terminated: { exitCode: 0 } };
}
