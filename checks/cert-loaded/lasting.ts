import type { Finding } from '../../src/doctor/check.ts';
import type { ReloaderView } from '../../src/evidence/facts/reloader.ts';
import { isFresh, RELOADER_SCRIPT, reloadable, reloadFix, SPIRE_ISSUES } from './fixes.ts';
import { nameOfSvid } from './reloader.ts';
import type { Scene } from './scene.ts';
import { standardReloader } from './standard-reloader.ts';

/**
 * Whom to change where the reloader's script, not a mishap in one pod, keeps a trust bundle from HAProxy: new pods with
 * a script that reloads HAProxy for it. A reload of this pod alone where a new one might get no SVID.
 */
export function withBundle(
  scene: Scene,
  isAtFault: (view: ReloaderView) => boolean,
  durable = RELOADER_SCRIPT,
): Pick<Finding, 'culprit' | 'fix'> {
  const { reloaders, pod, at } = scene;
  const guilty = reloaders.state === 'known' ? reloaders.value.find(isAtFault) : undefined;
  const commands =
    guilty && !at.fromFiles && isFresh(scene) && reloadable(scene).safe
      ? standardReloader(scene, nameOfSvid(scene), guilty.container)
      : [];
  if (!guilty || commands.length === 0) return { culprit: pod.ref, fix: reloadFix(scene, durable) };
  return {
    culprit: pod.workload,
    fix: {
      summary: `Let container ${guilty.container.name} reload HAProxy when the bundle changes; new pods begin with what lies on disk.`,
      commands,
      durable,
      impact: 'rollout',
      preconditions: [SPIRE_ISSUES, `container ${guilty.container.name} only pushes certificates`],
    },
  };
}
