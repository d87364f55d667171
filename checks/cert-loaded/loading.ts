import type { Evidence, Finding, Judged } from '../../src/doctor/check.ts';
import type { HaproxyMemory } from '../../src/evidence/facts/haproxy-memory.ts';
import { type Unknown, unknown } from '../../src/evidence/reading.ts';
import { avoidReload, reloadFix } from './fixes.ts';
import { type Scene, usageOf } from './scene.ts';

const YOUNG = 60_000;

/** The worker doesn't have the SVID, or doesn't answer (`silent`). Silence is never "not loaded". */
export function judgeLoading(scene: Scene, memory: HaproxyMemory, silent: Unknown | undefined): Judged {
  if (silent) return { findings: [], cannotTell: silent };
  const usage = usageOf(scene);
  if (usage.state === 'unused')
    return {
      findings: [],
      cannotTell: unknown('nothing-uses-it', 'no server line uses the SVID, so HAProxy need not load it'),
    };
  if (isYoung(scene, memory))
    return { findings: [], cannotTell: unknown('too-young', 'HAProxy started less than a minute ago') };
  const failed = failedReload(scene);
  if (failed) return { findings: [failed], basis: 'observed' };
  if (usage.state === 'unknown') {
    const { renderedConfig } = scene;
    return {
      findings: [],
      cannotTell:
        renderedConfig.state === 'unknown'
          ? renderedConfig
          : unknown(
              'no-evidence',
              renderedConfig.state === 'known' && renderedConfig.value.deployed
                ? 'server lines name their certificates by aliases of a crt-store, and which files those are is not read'
                : 'which configuration this pod runs was not seen',
            ),
    };
  }
  if (usage.state === 'pending') {
    return {
      findings: [],
      cannotTell: unknown(
        'rotating',
        'HAPTIC has rendered a configuration that uses the SVID and not brought it to this pod yet',
      ),
    };
  }
  const [first] = usage.servers;
  const list = memory.certificates.state === 'known' ? memory.certificates.from : {};
  const config = { ...usage.config.origin, ...(first ? { line: first.server.line } : {}) };
  const finding: Finding = {
    message: 'not-loaded',
    data: { backend: first?.backend ?? '', file: scene.svid },
    culprit: scene.pod.ref,
    evidence: [{ from: list, excerpt: `${scene.svid} is not in the list` }, { from: config }],
    fix: reloadFix(scene),
    ...avoidReload(scene),
  };
  return { findings: [finding], basis: 'observed' };
}

function isYoung({ pod, container }: Scene, memory: HaproxyMemory): boolean {
  const state = pod.containers.find(({ name }) => name === container)?.status?.state;
  return state?.now === 'running' && memory.at - state.startedAt < YOUNG;
}

/** HAPTIC or HAProxy says that the last load failed because of one of the SVID's files. */
export function failedReload(scene: Scene): Finding | undefined {
  const { renderedConfig, haproxyMemory } = scene;
  const directory = scene.svid.slice(0, scene.svid.lastIndexOf('/') + 1);
  const evidence: Evidence[] = [];
  const reported = renderedConfig.state === 'known' ? renderedConfig.value.deployError : undefined;
  const error = reported?.at !== undefined && reloadedSince(scene, reported.at) ? undefined : reported;
  if (renderedConfig.state === 'known' && error?.text.includes(directory)) {
    evidence.push({
      from: { ...renderedConfig.value.origin, field: 'status.deployedToPods[].lastError' },
      excerpt: error.text.slice(0, 300),
    });
  }
  if (haproxyMemory.state === 'known') {
    const { processes, startupLogs } = haproxyMemory.value;
    const failing = processes.state === 'known' && processes.value.failedReloads > 0;
    const alert =
      failing && startupLogs.state === 'known' ? startupLogs.value.find((line) => line.includes(directory)) : undefined;
    if (alert !== undefined && startupLogs.state === 'known')
      evidence.push({ from: startupLogs.from, excerpt: alert.slice(0, 300) });
  }
  const [first] = evidence;
  if (!first) return undefined;
  return {
    message: 'reload-failed',
    data: { said: first.excerpt ?? '' },
    culprit: scene.pod.ref,
    evidence,
    ...(error?.at === undefined ? {} : { since: error.at }),
    fix: reloadFix(
      scene,
      'spiffe-helper as a native sidecar whose startup probe asks /ready, so that the files are there before HAProxy starts',
    ),
    ...avoidReload(scene),
  };
}

/** HAProxy's own count says that the last load went well, and it was later than `at`: HAPTIC's report is older news. */
function reloadedSince({ haproxyMemory }: Scene, at: number): boolean {
  if (haproxyMemory.state !== 'known') return false;
  const { processes, svid, podNow, at: asked } = haproxyMemory.value;
  const worker =
    processes.state === 'known' && processes.value.failedReloads === 0 ? processes.value.workers[0] : undefined;
  if (!worker || svid.state !== 'known') return false;
  return Math.min(podNow, asked) - worker.uptimeSeconds * 1000 > at;
}
