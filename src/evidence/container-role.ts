import type { ImageRef } from './image-ref.ts';
import type { ContainerRole } from './pod-view.ts';

interface Runs {
  readonly image: ImageRef;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly portNames: readonly string[];
  readonly mountsSpiffeVolume: boolean;
}

const RUNS_HAPROXY = /(?:^|[\s/"'])(?:haproxy|hapee-lb)\s[^|;&\n]*-(?:W|S|db|f)\b/;
const TALKS_ABOUT_CERTIFICATES = /\b(?:set|show|commit)\s+ssl\s+cert\b/;

/**
 * What a container is for, by what it runs. Names are left out on purpose: charts, post-renderers and mirrors rename
 * containers and images, but what makes a spiffe-helper is its binary, its `-config` and its socket volume.
 */
export function roleOf({ image, command, args, portNames, mountsSpiffeVolume }: Runs): ContainerRole {
  const words = [...command, ...args];
  const text = words.join(' ');
  if (/spiffe-helper/.test(image.basename) || words.some((word) => /(?:^|\/)spiffe-helper$/.test(word)))
    return 'spiffe-helper';
  if (
    words.some((word) => /helper\.conf$/.test(word)) ||
    (mountsSpiffeVolume && words.some((word) => /^--?config(?:=|$)/.test(word)))
  ) {
    return 'spiffe-helper';
  }
  if (TALKS_ABOUT_CERTIFICATES.test(text)) return 'cert-reloader';
  if (/\bdataplaneapi\b/.test(text) || portNames.includes('dataplane')) return 'haptic-agent';
  if (RUNS_HAPROXY.test(`${text} `)) return 'haproxy';
  if (/haptic-controller/.test(text) || /^haptic(?:-controller)?$/.test(image.basename)) {
    return words.includes('agent') ? 'haptic-agent' : 'controller';
  }
  if (words.length === 0 && /haproxy|hapee/.test(image.basename)) return 'haproxy';
  return 'other';
}

/** True for CSI drivers that bring SPIFFE identities into pods. */
export function isSpiffeDriver(driver: string): boolean {
  return /(?:^|\.)csi\.spiffe\.io$/.test(driver) || driver === 'spiffe.csi.cert-manager.io';
}
