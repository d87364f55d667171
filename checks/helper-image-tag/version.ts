import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfigView, HelperView } from '../../src/evidence/facts/helpers.ts';
import { type Lacking, lackingIn } from '../../src/evidence/helper-config/lacking.ts';
import { releaseOf } from '../../src/evidence/helper-config/release.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { ImageState } from './image-state.ts';
import { PROVEN_RELEASE, retag } from './retag.ts';

/** A release that lacks what helper.conf asks of it; the newer one understands the text as it is. */
export function tooOld(
  pod: PodView,
  { container, version }: HelperView,
  config: HelperConfigView | undefined,
  state: ImageState,
): Finding | undefined {
  if (!version || config?.parsed.state !== 'known' || !config.parsed.value.ok) return undefined;
  const lacking = lackingIn(releaseOf(version), config.parsed.value.config, container);
  if (!lacking) return undefined;
  const keys = lacking.keys.join(' and ');
  return {
    message: 'too-old',
    data: {
      container: container.name,
      version: `${version.major}.${version.minor}.${version.patch}`,
      keys,
      consequence: consequenceOf(lacking),
    },
    culprit: pod.workload,
    phase: state.is === 'pulled' && config.inEffect === 'no' ? 'latent' : 'active',
    evidence: [
      { from: fieldOrigin(pod, `${container.path}.image`), excerpt: container.image.text },
      ...(config.source.state === 'known' ? [{ from: config.source.value.origin, excerpt: keys }] : []),
    ],
    fix: retag(pod, container, PROVEN_RELEASE),
  };
}

function consequenceOf({ keys, effect }: Lacking): string {
  if (effect === 'exits') return 'This release exits with "unknown top level key(s)".';
  return keys.includes('health_checks')
    ? 'This release ignores it: no health listener starts, and probes of the container are refused.'
    : 'This release ignores it and takes whichever SVID comes first.';
}
