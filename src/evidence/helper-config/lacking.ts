import type { HelperConfig } from '../facts/helpers.ts';
import type { ContainerView } from '../pod-view.ts';
import type { Release } from './schema.ts';

/** Settings that a helper's release is too old for, where that does harm. */
export interface Lacking {
  /** In lower case: `health_checks`, `hint`. */
  readonly keys: readonly string[];
  /** `exits`: 0.9 ends at the first key that it does not know; earlier releases ignore it without a word. */
  readonly effect: 'exits' | 'ignores';
}

/** health_checks and hint came with 0.10. Undefined when they are not written, or when nobody misses what they do. */
export function lackingIn(
  release: Release | undefined,
  config: HelperConfig,
  { probes }: ContainerView,
): Lacking | undefined {
  if (release !== '0.8' && release !== '0.9') return undefined;
  // Values are decoded as this release does, which leaves out what it does not know; the keys are all there.
  const written = config.keys.map(({ value }) => value.toLowerCase());
  const keys = ['health_checks', 'hint'].filter((key) => written.includes(key));
  if (keys.length === 0) return undefined;
  if (release === '0.9') return { keys, effect: 'exits' };
  // Ignoring the block harms only where a probe asks the listener, or the hint has to choose.
  return keys.includes('hint') || probes.length > 0 ? { keys, effect: 'ignores' } : undefined;
}
