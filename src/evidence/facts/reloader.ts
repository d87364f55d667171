import type { FactReader } from '../catalogue.ts';
import { readLogLines } from '../logs/log-lines.ts';
import { cleanPath, mountOf } from '../mount-paths.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { absent, chainReading, known, type Reading } from '../reading.ts';
import { readPushes } from '../reloader/pushes.ts';
import { type ReloaderScript, readReloaderScript } from '../reloader/script.ts';
import type { Subject } from '../subject.ts';
import type { World } from '../world.ts';
import type { LogLine } from './helper-log.ts';
import { podOf } from './pod.ts';

/** A sidecar that pushes rotated certificates into HAProxy's memory, as its script and its log show it. */
export interface ReloaderView extends ReloaderScript {
  readonly container: ContainerView;
  /** Whether its socket is the one that `haproxy -S` makes, followed through the mounts of both containers. */
  readonly reaches: 'master-socket' | 'other-socket' | 'unknown';
  /** Whether it reads the same file as container haproxy under the certificate's path. */
  readonly reads: 'same-file' | 'other-file' | 'unknown';
  /** The master socket as container haproxy names it, and its access level where `-S` sets one. */
  readonly masterSocket?: { readonly path: string; readonly level?: string };
}

/** What the reloader said since its container started. */
export interface ReloaderLogView {
  readonly container: string;
  readonly startedAt?: number;
  readonly lines: readonly LogLine[];
  /** The newest push: from the lines between two `certificates updated` lines. */
  readonly lastPush?: ReloaderPush;
  /** Newest line that says the certificate was not loaded and the update skipped. */
  readonly lastSkip?: LogLine;
}

export interface ReloaderPush {
  readonly at: number;
  /** `no-effect`: the commit said `Success!` and rebuilt nothing that uses the file. */
  readonly certificate: 'committed' | 'failed' | 'not-tried' | 'no-effect';
  readonly ca: 'committed' | 'failed' | 'not-tried' | 'no-effect';
  /** HAProxy's words where something failed. */
  readonly errors: readonly string[];
}

export const reloaders: FactReader<readonly ReloaderView[]> = { gather: ['pods'], read: reloadersOf };

export const reloaderLogs: FactReader<readonly ReloaderLogView[]> = {
  gather: ['pods', 'reloader-logs'],
  read: (world, subject) => chainReading(reloadersOf(world, subject), (views) => logsOf(world, subject, views)),
};

function reloadersOf(world: World, subject: Subject): Reading<readonly ReloaderView[]> {
  return world.memoOf(subject.ref, 'reloaders', () =>
    chainReading(podOf(world, subject), (pod, from) => {
      const containers = pod.containers.filter(({ role, place }) => role === 'cert-reloader' && place !== 'init');
      if (containers.length === 0)
        return absent('container', 'a container that pushes certificates into HAProxy', from);
      return known(
        containers.map((container) => viewReloader(world, container, pod)),
        from,
      );
    }),
  );
}

function viewReloader(world: World, container: ContainerView, pod: PodView): ReloaderView {
  const words = [...container.command, ...container.args];
  // Pods of one Deployment run one script.
  const script = world.memo(`script ${words.join('\n')}`, () => readReloaderScript(words));
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const masterSocket = haproxy && masterSocketOf(haproxy);
  const socket =
    haproxy && masterSocket && script.socket
      ? samePlace(container, script.socket, haproxy, masterSocket.path)
      : undefined;
  const file =
    haproxy && script.certificate ? samePlace(container, script.certificate, haproxy, script.certificate) : undefined;
  return {
    container,
    ...script,
    reaches: socket === undefined ? 'unknown' : socket ? 'master-socket' : 'other-socket',
    reads: file === undefined ? 'unknown' : file ? 'same-file' : 'other-file',
    ...(masterSocket ? { masterSocket } : {}),
  };
}

/** The argument of `haproxy -S`: path, then `level` and other bind options after commas. */
function masterSocketOf(haproxy: ContainerView): ReloaderView['masterSocket'] {
  const text = [...haproxy.command, ...haproxy.args].join('\n');
  const argument = /(?:^|\s)-S["']?\s*["']?(?:unix@)?(\/[^\s"',]{1,512})((?:,[\w-]{1,64}){0,16})/.exec(text);
  if (!argument?.[1]) return undefined;
  const level = /,level,(\w+)/.exec(argument[2] ?? '')?.[1];
  return { path: argument[1], ...(level === undefined ? {} : { level }) };
}

/** True when two paths of two containers of one pod are the same place in the same volume. */
function samePlace(one: ContainerView, path: string, other: ContainerView, otherPath: string): boolean {
  const a = mountOf(one, path);
  const b = mountOf(other, otherPath);
  // Outside all mounts every container has a file system of its own.
  if (!a || !b) return false;
  return a.mount.volume === b.mount.volume && cleanPath(a.inVolume) === cleanPath(b.inVolume);
}

function logsOf(world: World, subject: Subject, views: readonly ReloaderView[]): Reading<readonly ReloaderLogView[]> {
  const logs: ReloaderLogView[] = [];
  let unseen: Reading<never> | undefined;
  for (const { container, bundle } of views) {
    const log = world.log(subject.ref.namespace ?? '', subject.ref.name, container.name);
    if (log.state !== 'known') {
      unseen ??= log;
      continue;
    }
    const state = container.status?.state;
    const startedAt = state?.now === 'running' ? state.startedAt : undefined;
    const lines = readLogLines(log.value.text);
    logs.push({
      container: container.name,
      ...(startedAt === undefined ? {} : { startedAt }),
      lines,
      ...readPushes(lines, bundle),
    });
  }
  return logs.length === 0 && unseen
    ? unseen
    : known(logs, { object: subject.ref, field: `log of ${logs.map(({ container }) => container).join(', ')}` });
}
