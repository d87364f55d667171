import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfigView, HelperView } from '../../src/evidence/facts/helpers.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { setImage } from '../../src/evidence/workload-change.ts';
import type { ImageState } from './image-state.ts';

/** health_checks and hint came with 0.10: 0.9 exits on them, older ones ignore them without a word. */
export function tooOld(
  pod: PodView,
  { container, version }: HelperView,
  config: HelperConfigView | undefined,
  state: ImageState,
): Finding | undefined {
  if (!version || version.major > 0 || version.minor >= 10) return undefined;
  if (config?.parsed.state !== 'known' || !config.parsed.value.ok) return undefined;
  // The values are decoded as this release does, which leaves out what it does not know; the keys are all there.
  const written = config.parsed.value.config.keys.map(({ value }) => value.toLowerCase());
  const keys = ['health_checks', 'hint'].filter((key) => written.includes(key));
  if (keys.length === 0) return undefined;
  const exits = version.minor === 9;
  // Ignoring the block harms only where a probe asks the listener, or the hint has to choose.
  if (!exits && !keys.includes('hint') && container.probes.length === 0) return undefined;
  const image = `${container.image.repository === '' ? '' : `${container.image.repository}/`}${container.image.basename}:0.11.0`;
  const { file, line } = fieldOrigin(pod, `${container.path}.image`);
  return {
    message: 'too-old',
    data: {
      container: container.name,
      version: `${version.major}.${version.minor}.${version.patch}`,
      keys: keys.join(' and '),
      consequence: exits
        ? 'This release exits with "unknown top level key(s)".'
        : 'This release ignores it: no health listener starts, and probes of the container are refused.',
    },
    culprit: pod.workload,
    phase: state.is === 'pulled' && config.inEffect === 'no' ? 'latent' : 'active',
    evidence: [
      { from: fieldOrigin(pod, `${container.path}.image`), excerpt: container.image.text },
      ...(config.source.state === 'known' ? [{ from: config.source.value.origin, excerpt: keys.join(', ') }] : []),
    ],
    fix: {
      summary: `Set the image of ${container.name} to ${image}.`,
      ...(file === undefined
        ? { commands: setImage(pod, container, image) }
        : { edit: { file, ...(line === undefined ? {} : { line }), before: container.image.text, after: image } }),
      durable: `image: ${image} of the container in haproxy.sidecars of the Helm values`,
      impact: 'rollout',
    },
  };
}
