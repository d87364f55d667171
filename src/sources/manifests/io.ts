import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRun } from '../../doctor/cannot-run.ts';

/** What reading manifests asks of the world; given by tests and by the entry point. */
export interface ManifestsIo {
  /** Bytes of a file. Rejects as node:fs does. */
  readonly read: (path: string) => Promise<Uint8Array>;
  /** Names in a folder; undefined when `path` is a file. Rejects as node:fs does. */
  readonly list: (path: string) => Promise<readonly FolderEntry[] | undefined>;
  readonly stdin: () => Promise<Uint8Array>;
}

export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
}

/** Files of this machine; standard input is the caller's. */
export function fileSystem(stdin: () => Promise<Uint8Array>): ManifestsIo {
  return {
    stdin,
    read: async (path) => {
      const { size } = await stat(path);
      if (size > MAX_BYTES) throw tooLarge(path);
      return readFile(path);
    },
    list: async (path) => {
      if (!(await stat(path)).isDirectory()) return undefined;
      const entries = await readdir(path, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
    },
  };
}

/** All manifests of a large cluster's GitOps repository are a few MiB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One file's bytes, under the name that messages and findings use. */
export interface ManifestFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether the user named this very file, rather than a folder. */
  readonly named: boolean;
}

/** Reads what `-f` names, in that order; folders give their YAML and JSON files, sorted by name. */
export async function readFiles(
  paths: readonly string[],
  recursive: boolean,
  io: ManifestsIo,
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  let total = 0;
  const take = async (name: string, named: boolean, read: () => Promise<Uint8Array>) => {
    const bytes = await readable(name, read);
    total += bytes.length;
    if (total > MAX_BYTES) throw tooLarge(name);
    files.push({ name, bytes, named });
  };
  for (const path of paths) {
    if (path === '-') {
      await take('standard input', true, io.stdin);
      continue;
    }
    const entries = await readable(path, () => io.list(path));
    if (entries === undefined) {
      await take(path, true, () => io.read(path));
      continue;
    }
    const inside = await filesIn(path, entries, recursive, io);
    if (inside.length === 0) {
      const deeper = !recursive && entries.some(({ folder }) => folder) ? '; -R looks into its folders too' : '';
      throw new CannotRun(`${path} holds no *.yaml, *.yml or *.json file${deeper}`);
    }
    for (const file of inside) await take(file, false, () => io.read(file));
  }
  return files;
}

const MAX_DEPTH = 32;

async function filesIn(
  folder: string,
  entries: readonly FolderEntry[],
  recursive: boolean,
  io: ManifestsIo,
  depth = 0,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (!entry.folder) {
      if (/\.(?:ya?ml|json)$/i.test(entry.name)) found.push(path);
    } else if (recursive && depth < MAX_DEPTH) {
      const below = (await readable(path, () => io.list(path))) ?? [];
      found.push(...(await filesIn(path, below, recursive, io, depth + 1)));
    }
  }
  return found;
}

async function readable<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw new CannotRun(`${name}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied; make it readable for this user';
  if (code === 'ELOOP') return 'too many symbolic links';
  return typeof code === 'string' ? `cannot be read (${code})` : 'cannot be read';
}

function tooLarge(name: string): CannotRun {
  return new CannotRun(
    `${name}: more than ${MAX_BYTES / 1024 / 1024} MiB of manifests; give only those of HAPTIC, SPIRE and the Ingresses`,
  );
}
