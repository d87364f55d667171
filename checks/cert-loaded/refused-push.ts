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
    if (!push || said === undefined || (push.certificate !== 'failed' && push.ca !== 'failed')) continue;
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
