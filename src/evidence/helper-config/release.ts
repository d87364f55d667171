import type { HelperVersion } from '../facts/helpers.ts';
import type { ImageRef } from '../image-ref.ts';
import type { Release } from './schema.ts';

/** The release that an image's tag tells: `0.11.0`, `v0.10.0`, and builds of these such as `0.10.1-debug`. */
export function versionOf(image: ImageRef): HelperVersion | undefined {
  if (!image.basename.includes('spiffe-helper')) return undefined;
  const parts = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-_][\w.-]*)?$/.exec(image.tag ?? '');
  if (!parts) return undefined;
  return { major: Number(parts[1]), minor: Number(parts[2]), patch: Number(parts[3]) };
}

/** The newest known release that is not newer than this version: rules of later versions are not known. */
export function releaseOf({ major, minor }: HelperVersion): Release {
  if (major > 0 || minor >= 11) return '0.11';
  if (minor === 10) return '0.10';
  return minor === 9 ? '0.9' : '0.8';
}
