import { request } from 'node:http';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readField } from '../../scenario/field-edit.ts';
import { outcome, type SandboxCommand } from '../sandbox/command.ts';
import { containerCommand, containerSandbox } from '../sandbox/container.ts';
import { forwardLines } from '../sandbox/forward-lines.ts';
import { haproxyReleaseOf } from '../sandbox/releases.ts';
import type { ProcessSandbox } from '../sandbox/start.ts';
import type { ContainerRef, Exit, KubeObject, Program, ProgramContext, RunningProgram } from '../seams.ts';
import { type Loading, type LoadingLog, loadingLog } from './haproxy-loading.ts';
import { askMaster, untilSettled } from './master-socket.ts';

/** A container in which HAProxy runs. */
export interface HaproxyPod {
  readonly ref: ContainerRef;
  /** The pod's own, in 127.0.0.0/8. */
  readonly address: string;
  /** Path of its configuration in the container. */
  readonly config: string;
  readonly sandbox: ProcessSandbox;
  /** Path on this machine of a path in the container; undefined: not on a mount. */
  readonly onHost: (path: string) => string | undefined;
  /** Writes the configuration, has the master load it, and waits for the result. */
  readonly deploy: (content: string) => Promise<Loading>;
}

/** The program of HAProxy's containers, and who runs it at the moment. */
export interface Haproxies {
  readonly program: Program;
  /** In no particular order. */
  readonly running: () => readonly HaproxyPod[];
}

/** Milliseconds that a worker has for its last requests. */
const GRACE = 5_000;

/** Milliseconds within which a reload has to be over. */
const RELOAD = 20_000;

const START = /\bhaproxy\s.*(?:\s-f|\s--)\s+(\S+)/;

const SOCKET = /\s-S\s+["']?([^\s"',]+)/;

/** The real HAProxy, in the release that the image's tag stands for. */
export function createHaproxies(): Haproxies {
  const running = new Map<string, HaproxyPod>();
  return {
    program: {
      runs: (container) =>
        START.test(wordsOf(container)) ||
        (/(?:^|\/)haproxy(?:[:@]|$)/.test(basename(String(container.image))) && wordsOf(container) === ''),
      start: (context) => start(context, running),
    },
    running: () => [...running.values()],
  };
}

async function start(context: ProgramContext, running: Map<string, HaproxyPod>): Promise<RunningProgram> {
  const { ref, address, container } = context;
  const key = `${ref.namespace}/${ref.pod}/${ref.container}`;
  const sandbox = await containerSandbox(context, { haproxy: haproxyReleaseOf(String(container.image)) });
  const words = containerCommand(context);
  const config = START.exec(words.join(' '))?.[1]?.replace(/["']/g, '') ?? '/etc/haproxy/haproxy.cfg';
  const socket = SOCKET.exec(words.join(' '))?.[1];
  const unless = '[ -e "$1" ] || { [ -d "$2" ] || mkdir -p "$2"; printf %s "$3" >"$1"; }';
  const first = bound(bootstrap(container), address);
  await outcome(sandbox.run(['sh', '-c', unless, 'sh', config, dirname(config), first], ''));
  const loading = loadingLog();
  const loaded = loading.next();
  const command = sandbox.run(words, '');
  const lines = forwardLines(command, (line) => {
    context.log(line);
    loading.hear(line);
  });
  const ended = command.ended.then(async (code): Promise<Exit> => {
    await lines;
    running.delete(key);
    loading.close();
    await sandbox.close();
    return { code };
  });
  if ((await loaded).result === 'loaded') {
    await untilSettled(sandbox, socket);
    running.set(key, {
      ref,
      address,
      config,
      sandbox,
      onHost: context.onHost,
      deploy: (content) => deploy({ sandbox, loading, config, socket }, bound(content, address)),
    });
  }
  return { ended, sandbox, stop: () => stop(command, ended), probe: (port, path) => probe(address, port, path) };
}

async function stop(command: SandboxCommand, ended: Promise<Exit>): Promise<void> {
  command.signal('SIGUSR1');
  await Promise.race([ended, delay(GRACE, undefined, { ref: false })]);
  command.kill();
  await ended;
}

interface Master {
  readonly sandbox: ProcessSandbox;
  readonly loading: LoadingLog;
  /** Paths in the container. */
  readonly config: string;
  readonly socket: string | undefined;
}

async function deploy({ sandbox, loading, config, socket }: Master, content: string): Promise<Loading> {
  const written = await outcome(sandbox.run(['sh', '-c', 'cat >"$1.new" && mv "$1.new" "$1"', 'sh', config], content));
  if (written.code !== 0) return { result: 'failed', words: written.stderr };
  if (socket === undefined) return { result: 'failed', words: 'the master has no socket' };
  const result = loading.next();
  try {
    const said = await askMaster(sandbox, socket, 'reload');
    // The master says nothing on standard error about what it was not allowed to do.
    if (/^(?:Permission denied|Unknown command)/m.test(said)) return { result: 'failed', words: said };
  } catch (cause) {
    return { result: 'failed', words: String(cause) };
  }
  const late = delay<Loading>(RELOAD, { result: 'failed', words: 'the reload did not end' }, { ref: false });
  const loaded = await Promise.race([result, late]);
  await untilSettled(sandbox, socket);
  return loaded;
}

/** All pods share one network: each listens at its own address. */
function bound(config: string, address: string): string {
  return config.replaceAll(/^(\s*bind\s+)\*:/gm, `$1${address}:`);
}

/** What runs until the controller has sent something: alive, not ready. */
function bootstrap(container: KubeObject): string {
  const ports = Array.isArray(container.ports) ? container.ports : [];
  const stats = ports.find((port) => readField(port, 'name') === 'stats') ?? null;
  return `global
    daemon
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend status
    bind *:${Number(readField(stats, 'containerPort') ?? 8404)}
    http-request return status 200 content-type text/plain string OK if { path /healthz }
    http-request return status 503 content-type text/plain string "Not ready - waiting for controller config" if { path /ready }
`;
}

function probe(host: string, port: number, path: string): Promise<number | 'refused'> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path, agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 'refused');
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve('refused'));
    asked.end();
  });
}

function wordsOf({ command, args }: KubeObject): string {
  return [command, args].flatMap((words) => (Array.isArray(words) ? words.map(String) : [])).join(' ');
}
