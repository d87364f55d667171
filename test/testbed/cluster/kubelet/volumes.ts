import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject, Store } from '../../seams.ts';
import { identityOf, numberAt, objectAt, textAt } from '../fields.ts';
import { contentHash } from '../names.ts';
import { own, writeAtomically } from './atomic-directory.ts';
import { mountCsi } from './csi-volume.ts';
import { volumeFiles } from './volume-files.ts';

/** A volume of a pod that is there. */
export interface MountedVolume {
  readonly name: string;
  /** Directory on this machine. */
  readonly path: string;
  readonly access: 'read-only' | 'read-write';
  /** `files`: written from objects, and again when these change. `csi`: shows a directory of the node. */
  readonly content: 'files' | 'csi' | 'own';
}

export type VolumeMount =
  | { readonly is: 'mounted'; readonly volume: MountedVolume }
  /** The kubelet's reason after `MountVolume.SetUp failed for volume "x" : `. */
  | { readonly is: 'refused'; readonly message: string };

/** Where a pod's volumes are made. */
export interface VolumePlace {
  readonly store: Store;
  readonly pod: KubeObject;
  readonly node: string;
  /** The pod's own directory on this machine. */
  readonly directory: string;
  /** A directory of the node, on this machine. */
  readonly nodePath: (path: string) => string;
  /** What a driver shows a pod; undefined: what `mountCsi` found. */
  readonly csiDirectory: ((driver: string, node: string, pod: KubeObject) => string | undefined) | undefined;
}

/** Makes a volume, or brings the files of an old one up to date. */
export function mountVolume(place: VolumePlace, volume: KubeObject): VolumeMount {
  const { store, pod, node, directory, nodePath } = place;
  const name = textAt(volume, 'name');
  const path = join(directory, 'volumes', name);
  const fsGroup = numberAt(pod, 'spec', 'securityContext', 'fsGroup');
  const found = volumeFiles(store, pod, volume);
  if (found?.is === 'refused') return found;
  if (found) {
    const content = [...found.files].map(([file, { content: bytes, mode }]) => [file, mode, bytes.toString('base64')]);
    const version = contentHash(content, 12);
    if (!existsSync(join(path, `..${version}`))) writeAtomically(path, found.files, fsGroup, version);
    return mounted({ name, path, access: 'read-only', content: 'files' });
  }
  if (volume.csi) {
    const csi = mountCsi(store, node, objectAt(volume, 'csi'));
    if (csi.is === 'refused') return csi;
    const given = place.csiDirectory?.(textAt(volume, 'csi', 'driver'), node, pod);
    const shown = given ?? (csi.path === undefined ? path : nodePath(csi.path));
    mkdirSync(shown, { recursive: true });
    return mounted({ name, path: shown, access: 'read-only', content: 'csi' });
  }
  if (volume.hostPath) return hostPath(name, objectAt(volume, 'hostPath'), nodePath);
  const claim = textAt(volume, 'persistentVolumeClaim', 'claimName');
  const root = claim === '' ? path : nodePath(`/var/lib/claims/${identityOf(pod).namespace}/${claim}`);
  if (!existsSync(root)) {
    mkdirSync(root, { recursive: true });
    // An emptyDir is everybody's; storage is root's until fsGroup gives it away.
    own(root, volume.emptyDir ? 0o777 : 0o755, fsGroup);
  }
  return mounted({ name, path: root, access: 'read-write', content: 'own' });
}

function hostPath(name: string, source: KubeObject, nodePath: (path: string) => string): VolumeMount {
  const asked = textAt(source, 'path');
  const path = nodePath(asked);
  const type = textAt(source, 'type');
  const isThere = existsSync(path);
  const kind = /^(?:File|Socket)$/.exec(type)?.[0];
  const isDirectory = isThere && statSync(path).isDirectory();
  if (type === 'Directory' && !isDirectory)
    return { is: 'refused', message: `hostPath type check failed: ${asked} is not a directory` };
  if (kind && (!isThere || isDirectory))
    return {
      is: 'refused',
      message: `hostPath type check failed: ${asked} is not a ${kind === 'File' ? 'file' : 'socket file'}`,
    };
  if (!isThere) mkdirSync(path, { recursive: true, mode: 0o755 });
  return mounted({ name, path, access: 'read-write', content: 'own' });
}

function mounted(volume: MountedVolume): VolumeMount {
  return { is: 'mounted', volume };
}
