import { posix } from 'node:path';
import type { ContainerView, MountView } from './pod-view.ts';

/** Where a path of a container lies: the mount with the longest matching path, and the rest of the way inside its volume. */
export interface MountedPath {
  readonly mount: MountView;
  /** From the mount path on; '' for the mount path itself. */
  readonly rest: string;
  /** From the root of the volume on, sub-path included; '' for its root. */
  readonly inVolume: string;
}

/** Absolute, without `.`, `..`, doubled and trailing slashes; relative paths start at `cwd`. */
export function cleanPath(path: string, cwd = '/'): string {
  // Almost every path is clean already.
  if (path.length > 1 && path.startsWith('/') && !path.endsWith('/') && !/\/[/.]/.test(path)) return path;
  const clean = posix.resolve('/', cwd, path);
  return clean === '//' ? '/' : clean;
}

/** The rest of `path` below `root`, '' for `root` itself; undefined when it is not below. Both are clean. */
export function below(root: string, path: string): string | undefined {
  if (path === root) return '';
  const prefix = root === '/' || root === '' ? root : `${root}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

export function mountOf(container: ContainerView, path: string): MountedPath | undefined {
  const wanted = cleanPath(path);
  let best: MountedPath | undefined;
  let length = -1;
  for (const mount of container.mounts) {
    const root = cleanPath(mount.path);
    const rest = below(root, wanted);
    // Kubernetes mounts in order of the list; of two mounts on one path the later one is seen.
    if (rest === undefined || root.length < length) continue;
    length = root.length;
    best = { mount, rest, inVolume: joinInVolume(mount.subPath ?? '', rest) };
  }
  return best;
}

/** The path at which a container sees something in a volume; undefined when it doesn't, or another mount hides it. */
export function pathInContainer(container: ContainerView, volume: string, inVolume: string): string | undefined {
  for (const mount of container.mounts.filter((candidate) => candidate.volume === volume)) {
    const rest = below(joinInVolume(mount.subPath ?? '', ''), inVolume);
    if (rest === undefined) continue;
    const path = posix.join(cleanPath(mount.path), rest);
    if (mountOf(container, path)?.mount === mount) return path;
  }
  return undefined;
}

/** The mount that hides a directory of a volume from a container which mounts that volume further up. */
export function hidingMount(container: ContainerView, volume: string, inVolume: string): MountView | undefined {
  for (const mount of container.mounts.filter((candidate) => candidate.volume === volume)) {
    const rest = below(joinInVolume(mount.subPath ?? '', ''), inVolume);
    if (rest === undefined) continue;
    const seen = mountOf(container, posix.join(cleanPath(mount.path), rest))?.mount;
    if (seen && seen !== mount) return seen;
  }
  return undefined;
}

function joinInVolume(subPath: string, rest: string): string {
  const joined = cleanPath(posix.join('/', subPath, rest));
  return joined.slice(1);
}
