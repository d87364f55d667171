import type { ImageRef } from '../../src/evidence/image-ref.ts';

/** True for the project's own images, under their own name. */
export function isUpstream({ repository, basename }: ImageRef): boolean {
  return repository === 'ghcr.io/spiffe' && basename === 'spiffe-helper';
}

export type TagFault = { readonly is: 'v-prefix'; readonly published: string } | { readonly is: 'floating-tag' };

const MOVING =
  /^(?:latest|main|master|nightly|edge|stable|dev|develop|devel|unstable|canary|snapshot|rolling|current|head)$/i;

/** What a tag alone shows to be wrong. A digest decides by itself, and other publishers number as they like. */
export function tagFaultOf(image: ImageRef): TagFault | undefined {
  if (image.digest || image.basename !== 'spiffe-helper') return undefined;
  const { tag } = image;
  if (tag === undefined || MOVING.test(tag)) return { is: 'floating-tag' };
  if (/^v\d+\.\d+\.\d+(?:$|[-+_.])/i.test(tag)) return { is: 'v-prefix', published: tag.slice(1) };
  if (/^v?\d+(?:\.\d+)?$/i.test(tag)) return { is: 'floating-tag' };
  return undefined;
}
