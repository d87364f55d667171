import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { env } from 'node:process';
import { locate } from '../../probe/requirements.ts';
import type { HaproxyRelease } from '../seams.ts';

/** Where every image with HAProxy keeps it. */
export const HAPROXY = '/usr/local/sbin/haproxy';

const LIBRARIES = '/usr/local/lib/haproxy';

/** How a release gets into a sandbox: a program bound at HAPROXY, or a script written there that starts what is in a folder. */
export type HaproxyFiles =
  | { readonly kind: 'program'; readonly from: string }
  | { readonly kind: 'script'; readonly text: string; readonly folder: string; readonly at: string };

/** The release that an image's tag stands for: only two run here. */
export function haproxyReleaseOf(image: string): HaproxyRelease {
  const tag = /:([^/@]+)(?:@.*)?$/.exec(image)?.[1] ?? '';
  return /(?:^|haproxy)2\.6(?!\d)/.test(tag) ? '2.6' : '3.2';
}

/** Undefined: it is not on this machine. */
export function haproxyFiles(release: HaproxyRelease): HaproxyFiles | undefined {
  if (release === '2.6') {
    const from = locate('/usr/sbin/haproxy');
    return from === undefined ? undefined : { kind: 'program', from };
  }
  const from = locate(env.HAPROXY_NEW ?? '');
  if (from === undefined) return undefined;
  const text = readFileSync(from, 'latin1');
  if (!text.startsWith('#!')) return { kind: 'program', from };
  // It names its libraries by absolute paths, and itself for the master to execute again.
  const folder = dirname(from);
  return { kind: 'script', text: text.replaceAll(from, HAPROXY).replaceAll(folder, LIBRARIES), folder, at: LIBRARIES };
}
