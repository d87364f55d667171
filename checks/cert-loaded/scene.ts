import type { EvidenceFor, Moment } from '../../src/doctor/check.ts';
import type { HaproxyMemory } from '../../src/evidence/facts/haproxy-memory.ts';
import type { RenderedConfig, RenderedServer } from '../../src/evidence/facts/rendered-config.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { isSameFile } from '../../src/evidence/haproxy/loaded-name.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';

export const WANTS = [
  'installation',
  'renderedConfig',
  'reloaders',
  'reloaderLogs',
  'haproxyMemory',
  'svidFiles',
  'annotatedIngresses',
  'snippet',
  'helperConfigs',
] as const;

export type CertLoadedEvidence = EvidenceFor<'haproxy-pod', 'pod', (typeof WANTS)[number]>;

/** The evidence about one pod, with the files that it is all about. */
export interface Scene extends Omit<CertLoadedEvidence, 'pod'> {
  readonly pod: PodView;
  /** Name of the container that runs HAProxy. */
  readonly container: string;
  /** The SVID and the bundle as haproxy.cfg should name them. */
  readonly svid: string;
  readonly bundle: string;
  readonly at: Moment;
}

export function sceneOf(evidence: CertLoadedEvidence, pod: PodView, at: Moment): Scene {
  const files = evidence.svidFiles.state === 'known' ? evidence.svidFiles.value.paths : undefined;
  const snippet = evidence.snippet.state === 'known' ? evidence.snippet.value : undefined;
  return {
    ...evidence,
    pod,
    container: pod.containers.find(({ role }) => role === 'haproxy')?.name ?? 'haproxy',
    svid: files?.svid ?? snippet?.certificate ?? '/etc/haproxy/spiffe/svid.pem',
    bundle: files?.bundle ?? snippet?.caFile ?? '/etc/haproxy/spiffe/bundle.pem',
    at,
  };
}

export interface UsedServer {
  readonly backend: string;
  readonly server: RenderedServer;
}

/** Whether a server line of the configuration that this pod runs presents the SVID. */
export type Usage =
  | { readonly state: 'used'; readonly servers: readonly UsedServer[]; readonly config: RenderedConfig }
  | { readonly state: 'unused' }
  /** It is used by what HAPTIC rendered, which this pod does not run yet. */
  | { readonly state: 'pending'; readonly config: RenderedConfig }
  | { readonly state: 'unknown' };

export function usageOf({ renderedConfig, annotatedIngresses, svid }: Scene): Usage {
  if (renderedConfig.state !== 'known') {
    const nobodyAsks =
      annotatedIngresses.state === 'absent' ||
      (annotatedIngresses.state === 'known' && annotatedIngresses.value.length === 0);
    return { state: nobodyAsks ? 'unused' : 'unknown' };
  }
  const config = renderedConfig.value;
  const servers = config.backends.flatMap((backend) =>
    backend.servers
      .filter(({ tls }) => tls.ssl && tls.crt !== undefined && isSameFile(tls.crt, svid))
      .map((server) => ({ backend: backend.name, server })),
  );
  if (!config.deployed) return servers.length > 0 ? { state: 'pending', config } : { state: 'unknown' };
  if (servers.length > 0) return { state: 'used', servers, config };
  const byAlias = config.backends.some(({ servers: all }) =>
    all.some(({ tls }) => tls.ssl && tls.crt?.startsWith('@')),
  );
  return { state: byAlias ? 'unknown' : 'unused' };
}

/** Milliseconds since the newest of the three files was written, by the pod's clock; undefined when none was seen. */
export function newestFileAge({ podNow, svid, key, bundle }: SvidFiles): number | undefined {
  const times = [svid, key, bundle].flatMap((file) => (file.state === 'known' ? [file.value.stat.mtime] : []));
  return times.length === 0 ? undefined : podNow - Math.max(...times);
}

/** Below this age a difference between disk and memory may be a rotation on its way. */
export const SETTLED_AFTER = 30_000;

export function isSettled(files: SvidFiles): boolean {
  const age = newestFileAge(files);
  // A file from the future tells nothing; one from far ahead never will, so it does not excuse anything.
  return age === undefined || age >= SETTLED_AFTER || age < -SETTLED_AFTER;
}

/** True when the worker took the SVID over while it ran: memory equals a file that is younger than the worker. */
export function provesPushing(memory: Reading<HaproxyMemory>, files: Reading<SvidFiles>): boolean {
  if (memory.state !== 'known' || files.state !== 'known') return false;
  const { svid, processes, podNow } = memory.value;
  const disk = files.value.svid;
  if (svid.state !== 'known' || disk.state !== 'known' || processes.state !== 'known') return false;
  const worker = processes.value.workers[0] ?? processes.value.oldWorkers[0];
  if (!worker || disk.value.certificates[0]?.sha1 !== svid.value.sha1) return false;
  return disk.value.stat.mtime > podNow - worker.uptimeSeconds * 1000 + 5_000;
}

/** RFC 3339 UTC without fractions; for times that came from the cluster. */
export function timeText(time: number): string {
  return Number.isFinite(time) && Math.abs(time) < 8.64e15
    ? new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
    : 'an unreadable time';
}

/** In the largest unit of which there are at least two. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
}
