import type { Evidence, Finding } from '../../src/doctor/check.ts';
import type { ReloaderView } from '../../src/evidence/facts/reloader.ts';
import { isSameFile } from '../../src/evidence/haproxy/loaded-name.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import type { ContainerView } from '../../src/evidence/pod-view.ts';
import type { MessageId } from './messages.ts';
import { reloaderFix } from './reloader-fixes.ts';
import { provesPushing, type Scene } from './scene.ts';

/**
 * What the pod spec says about pushing rotations. Latent while HAProxy has the right certificate; `behind` shows that
 * it has already cost a rotation. Nothing here stands against proof that pushes arrive.
 */
export function judgeReloaders(scene: Scene, behind: boolean): readonly Finding[] {
  const { reloaders } = scene;
  const pushes = provesPushing(scene.haproxyMemory, scene.svidFiles);
  if (reloaders.state === 'absent')
    return pushes || othersMayPush(scene)
      ? []
      : [
          found(scene, behind, {
            message: 'no-reloader',
            data: {},
            container: undefined,
            excerpt: 'no container pushes certificates',
          }),
        ];
  if (reloaders.state === 'unknown') return [];
  return reloaders.value.flatMap((view) => {
    const down = stoppedOf(view.container);
    if (down !== undefined)
      return [
        found(scene, behind, {
          message: 'reloader-down',
          data: { reloader: view.container.name, said: down },
          container: view.container,
          excerpt: down,
        }),
      ];
    const fault = pushes ? undefined : faultOf(scene, view);
    return fault ? [found(scene, behind, { ...fault, container: view.container })] : [];
  });
}

export interface Fault {
  readonly message: MessageId;
  readonly data: Finding['data'];
  readonly excerpt: string;
  /** A word of the script, and what should stand there. */
  readonly edit?: { readonly before: string; readonly after: string };
}

function faultOf(scene: Scene, view: ReloaderView): Fault | undefined {
  const { socket = '', masterSocket, routesToWorker, reaches, container } = view;
  const reloader = container.name;
  const isMaster = reaches === 'master-socket' || (reaches === 'unknown' && /master/.test(socket));
  if (!routesToWorker && isMaster)
    return {
      message: 'not-routed',
      data: { reloader },
      excerpt: `commands without @1 on ${socket}`,
      edit: { before: 'set ssl', after: '@1 set ssl' },
    };
  // Without @1 another socket may well be a worker's own.
  if (reaches === 'other-socket' && routesToWorker) {
    return {
      message: 'wrong-socket',
      data: { reloader, socket, expected: masterSocket?.path ?? '' },
      excerpt: `unix-connect:${socket}`,
    };
  }
  const level = masterSocket?.level;
  if (reaches === 'master-socket' && (level === 'user' || level === 'operator'))
    return { message: 'socket-level', data: { level }, excerpt: `-S …,level,${level}` };
  return pathFault(scene, view);
}

function pathFault(scene: Scene, view: ReloaderView): Fault | undefined {
  const reloader = view.container.name;
  for (const [path, names, keyword] of [
    [view.certificate, namesInUse(scene, 'crt', scene.svid), 'crt'] as const,
    [view.bundle, namesInUse(scene, 'caFile', scene.bundle), 'ca-file'] as const,
  ]) {
    if (path === undefined || names.length === 0 || names.includes(path)) continue;
    return {
      message: 'path-mismatch',
      data: { reloader, path, reason: `server lines say ${keyword} ${names[0]}` },
      excerpt: path,
    };
  }
  if (view.reads !== 'other-file' || view.certificate === undefined || seesHelpersFile(scene, view)) return undefined;
  return {
    message: 'path-mismatch',
    data: { reloader, path: view.certificate, reason: 'at that path it does not see the file that HAProxy reads' },
    excerpt: view.certificate,
  };
}

/** It has the file that spiffe-helper writes: then HAProxy is the one that looks elsewhere. */
function seesHelpersFile({ pod }: Scene, { container, certificate = '' }: ReloaderView): boolean {
  const here = mountOf(container, certificate);
  return pod.containers.some((helper) => {
    const there = helper.role === 'spiffe-helper' ? mountOf(helper, certificate) : undefined;
    return here !== undefined && there?.mount.volume === here.mount.volume && there.inVolume === here.inVolume;
  });
}

/** The SVID in the words of haproxy.cfg: HAProxy knows it by no others. */
export function nameOfSvid(scene: Scene): string {
  return namesInUse(scene, 'crt', scene.svid)[0] ?? scene.svid;
}

/** The exact words for a file in the configuration that runs, else in the snippet that renders it. Other certificates are others' business. */
function namesInUse({ renderedConfig, snippet }: Scene, keyword: 'crt' | 'caFile', file: string): readonly string[] {
  const rendered =
    renderedConfig.state === 'known' ? renderedConfig.value.backends.flatMap(({ servers }) => servers) : [];
  const names = rendered
    .flatMap(({ tls }) => (tls.ssl && tls.crt !== undefined ? [tls[keyword]] : []))
    .filter((name) => name !== undefined)
    .filter((name) => isSameFile(name, file));
  const template =
    snippet.state === 'known' ? (keyword === 'crt' ? snippet.value.certificate : snippet.value.caFile) : undefined;
  return [...new Set(names.length > 0 ? names : template === undefined ? [] : [template])];
}

/** spiffe-helper can signal HAProxy itself, and a script that came with a volume cannot be read here. */
function othersMayPush({ pod, helperConfigs, svid }: Scene): boolean {
  if (!pod.containers.some(({ role }) => role === 'spiffe-helper')) return true;
  if (helperConfigs.state !== 'known') return true;
  const signals = helperConfigs.value.some(({ parsed }) => {
    if (parsed.state !== 'known' || !parsed.value.ok) return true;
    const { cmd, renewSignal, pidFileName } = parsed.value.config;
    return cmd !== undefined || renewSignal !== undefined || pidFileName !== undefined;
  });
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const volume = haproxy && mountOf(haproxy, svid)?.mount.volume;
  const unread = pod.containers.some(
    ({ role, place, mounts }) =>
      role === 'other' && place !== 'init' && mounts.some((mount) => mount.volume === volume),
  );
  return signals || unread;
}

function stoppedOf({ status }: ContainerView): string | undefined {
  const state = status?.state;
  if (state?.now === 'terminated') return `terminated (${state.reason || `exit code ${state.exitCode}`})`;
  // A container that is still being made has no history yet.
  const starting = state?.now === 'waiting' && ['ContainerCreating', 'PodInitializing', ''].includes(state.reason);
  return state?.now === 'waiting' && !starting ? `waiting (${state.reason})` : undefined;
}

function found(
  scene: Scene,
  behind: boolean,
  fault: Fault & { readonly container: ContainerView | undefined },
): Finding {
  const { pod } = scene;
  const { container, excerpt, message, data } = fault;
  const evidence: Evidence[] = [
    { from: { object: pod.ref, ...(container ? { field: container.path } : {}) }, excerpt },
  ];
  // What stopped is this pod's container; everything else is the same in all pods of the workload.
  const culprit = message === 'reloader-down' ? pod.ref : pod.workload;
  const fix = reloaderFix(scene, { ...fault, behind }, nameOfSvid(scene));
  return {
    message,
    data,
    culprit,
    evidence,
    fix,
    ...(behind ? { severity: 'fail' as const } : { phase: 'latent' as const }),
  };
}
