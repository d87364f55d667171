import { cpSync, existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubeObject, Mount } from '../../seams.ts';
import { objectsAt, textAt } from '../fields.ts';
import { own } from './atomic-directory.ts';
import type { MountedVolume } from './volumes.ts';

/** The mounts of a container that starts now. A `subPath` of written files is a copy: it never changes while the container runs. */
export function mountsOf(
  container: KubeObject,
  volumes: ReadonlyMap<string, MountedVolume>,
  directory: string,
): readonly Mount[] {
  return objectsAt(container, 'volumeMounts').flatMap((mount, index) => {
    const volume = volumes.get(textAt(mount, 'name'));
    if (!volume) return [];
    const subPath = textAt(mount, 'subPath');
    const copy = join(directory, 'subpaths', textAt(container, 'name'), String(index), subPath);
    const from = subPath === '' ? volume.path : part(volume, subPath, copy);
    const readOnly = mount.readOnly === true || volume.access === 'read-only';
    return [{ from, at: textAt(mount, 'mountPath'), readOnly }];
  });
}

/** A path in a container as a path on this machine: by the mount that covers it most closely. */
export function throughMounts(mounts: readonly Mount[], path: string): string | undefined {
  const covering = mounts
    .map((mount) => ({ ...mount, at: mount.at.replace(/\/+$/, '') }))
    .filter(({ at }) => path === at || path.startsWith(`${at}/`))
    .toSorted((a, b) => b.at.length - a.at.length)[0];
  return covering && join(covering.from, path.slice(covering.at.length));
}

function part(volume: MountedVolume, subPath: string, copy: string): string {
  const source = join(volume.path, subPath);
  if (volume.content !== 'files') {
    if (!existsSync(source)) {
      mkdirSync(source, { recursive: true });
      own(source, 0o755, undefined);
    }
    return source;
  }
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(dirname(copy), { recursive: true });
  if (existsSync(source)) cpSync(realpathSync(source), copy, { recursive: true, preserveTimestamps: true });
  else mkdirSync(copy);
  return copy;
}
