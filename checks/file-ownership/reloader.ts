import type { Finding } from '../../src/doctor/check.ts';
import type { ReloaderLogView, ReloaderView } from '../../src/evidence/facts/reloader.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { setImage } from '../../src/evidence/workload-change.ts';

/** Public images that come without socat; of others nothing is assumed. */
const BARE = /^(?:alpine|busybox|debian|ubuntu|bash)$/;

/** A reloader whose image has no socat: its log says so, or the image is one of those that are known not to. */
export function reloaderFindings(
  pod: PodView,
  reloaders: readonly ReloaderView[],
  logs: readonly ReloaderLogView[],
): readonly Finding[] {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  return reloaders.flatMap(({ container }) => {
    const log = logs.find((candidate) => candidate.container === container.name);
    const line = log?.lines.findLast(({ text }) => /socat: (?:command )?not found/.test(text));
    const script = [...container.command, ...container.args].join('\n');
    const bare =
      BARE.test(container.image.basename) && /\bsocat\b/.test(script) && !/\b(?:apk|apt-get|apt)\b/.test(script);
    if (!line && (!bare || log?.lastPush)) return [];
    const image = haproxy?.image.text ?? '';
    const from = line
      ? { object: pod.ref, field: `log of ${container.name}` }
      : fieldOrigin(pod, `${container.path}.image`);
    const declaredAt = fieldOrigin(pod, `${container.path}.image`);
    return [
      {
        message: 'reloader-lacks-socat',
        severity: line ? ('fail' as const) : ('warn' as const),
        data: {
          reloader: container.name,
          image: container.image.text,
          said: line?.text ?? 'this image does not come with it',
        },
        culprit: pod.workload,
        evidence: [{ from, excerpt: line?.text ?? container.image.text }],
        fix: {
          summary: `Use the image of HAProxy (${image}) for ${container.name}: it has socat.`,
          ...(declaredAt.file === undefined
            ? { commands: setImage(pod, container, image) }
            : {
                edit: {
                  file: declaredAt.file,
                  ...(declaredAt.line === undefined ? {} : { line: declaredAt.line }),
                  before: container.image.text,
                  after: image,
                },
              }),
          durable: 'image of the container in haproxy.sidecars of the Helm values',
          impact: 'rollout' as const,
        },
      },
    ];
  });
}
