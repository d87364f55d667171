import type { Finding } from '../../src/doctor/check.ts';
import { avoidReload, RELOADER_SCRIPT, reloadFix } from './fixes.ts';
import type { Scene } from './scene.ts';
import { failureData } from './stale.ts';

/**
 * The newest push failed by the reloader's own log. Only where memory itself was not seen: a reload may have mended it
 * since, and memory tells.
 */
export function refusedPush(scene: Scene): readonly Finding[] {
  const { haproxyMemory, reloaderLogs, pod } = scene;
  if (haproxyMemory.state === 'known' || reloaderLogs.state !== 'known') return [];
  for (const log of reloaderLogs.value) {
    const push = log.lastPush;
    const said = push?.errors[0];
    if (!push || said === undefined || loadsFromDisk(scene, push.at)) continue;
    if (push.certificate !== 'failed' && push.ca !== 'failed') continue;
    return [
      {
        message: 'push-failed',
        data: failureData(log, said, 'Whether HAProxy has been reloaded since was not seen.'),
        severity: 'warn',
        culprit: pod.ref,
        evidence: push.errors.map((excerpt) => ({ from: reloaderLogs.from, excerpt })),
        since: push.at,
        fix: reloadFix(scene, RELOADER_SCRIPT),
        ...avoidReload(scene),
      },
    ];
  }
  return [];
}

/** A HAProxy that does not run, or was started since, reads the files anyway: nothing of that update is missing. */
function loadsFromDisk({ pod, container }: Scene, at: number): boolean {
  const state = pod.containers.find(({ name }) => name === container)?.status?.state;
  if (state === undefined || state.now === 'unreported') return false;
  return state.now !== 'running' || state.startedAt > at;
}
