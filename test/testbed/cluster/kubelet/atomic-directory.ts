import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { VolumeFile } from './volume-files.ts';

/**
 * Writes files as kubelets do: into a directory of their own, to which `..data` points, with a link per name next to
 * it; a new content becomes visible at once by turning that link. With `fsGroup` the group owns and can read them.
 */
export function writeAtomically(
  directory: string,
  files: ReadonlyMap<string, VolumeFile>,
  fsGroup: number | undefined,
  version: string,
): void {
  mkdirSync(directory, { recursive: true });
  own(directory, 0o777, fsGroup);
  const data = `..${version}`;
  for (const [name, { content, mode }] of files) {
    const path = join(directory, data, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    own(path, fsGroup === undefined ? mode : mode | 0o440, fsGroup);
  }
  mkdirSync(join(directory, data), { recursive: true });
  own(join(directory, data), 0o755, fsGroup);
  const before = linkedBy(join(directory, '..data'));
  symlinkSync(data, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  const wanted = new Set([...files.keys()].map((name) => name.split('/')[0] ?? name));
  for (const name of readdirSync(directory)) {
    if (!name.startsWith('..') && !wanted.has(name)) rmSync(join(directory, name));
  }
  for (const name of wanted) {
    if (!lstatSync(join(directory, name), { throwIfNoEntry: false }))
      symlinkSync(`..data/${name}`, join(directory, name));
  }
  if (before !== undefined && before !== data) rmSync(join(directory, before), { recursive: true, force: true });
}

/** Root's, or its group's with the set-group-id bit on a directory, as fsGroup asks for it. */
export function own(path: string, mode: number, fsGroup: number | undefined): void {
  const isDirectory = lstatSync(path).isDirectory();
  if (fsGroup !== undefined) chownSync(path, 0, fsGroup);
  chmodSync(path, fsGroup !== undefined && isDirectory ? mode | 0o2070 : mode);
}

function linkedBy(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false }) ? readlinkSync(path) : undefined;
}
