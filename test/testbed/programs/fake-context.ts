import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject, Mount, ProgramContext, Store } from '../seams.ts';

/** A directory for the volumes of one test's pods. */
export interface TestVolumes {
  /** Makes an empty one that belongs to a user and group of this number. */
  readonly volume: (name: string, owner: number) => string;
  /** Makes a folder in one. */
  readonly inside: (volume: string, name: string, owner: number) => string;
  readonly remove: () => void;
}

export function testVolumes(): TestVolumes {
  const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-volumes-'));
  const inside = (volume: string, name: string, owner: number) => {
    const path = join(volume, name);
    mkdirSync(path, { mode: 0o755 });
    chownSync(path, owner, owner);
    return path;
  };
  return {
    volume: (name, owner) => inside(directory, name, owner),
    inside,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A context as a kubelet makes it, for one container of a pod. */
export function contextOf(given: {
  readonly pod: KubeObject;
  readonly container: KubeObject;
  readonly address: string;
  readonly user: number;
  readonly mounts?: readonly Mount[];
  readonly store: Store;
  readonly log?: (line: string) => void;
}): ProgramContext {
  const { pod, container, address, user, mounts = [], store, log = () => undefined } = given;
  const metadata = pod.metadata as { readonly namespace: string; readonly name: string };
  return {
    ref: { namespace: metadata.namespace, pod: metadata.name, container: String(container.name) },
    pod,
    container,
    address,
    credentials: { uid: user, gid: user, groups: [user] },
    mounts,
    sandbox: () => Promise.reject(new Error('these programs make their own')),
    onHost: (path) => {
      const around = mounts
        .filter(({ at }) => path === at || path.startsWith(`${at}/`))
        .sort((a, b) => b.at.length - a.at.length)[0];
      return around && join(around.from, path.slice(around.at.length));
    },
    log,
    store,
  };
}
