import { statSync } from 'node:fs';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { readField } from '../../scenario/field-edit.ts';
import type { HaproxyPod } from '../programs/haproxy.ts';
import type { Store } from '../seams.ts';
import { checksumOf, deployedPods, type Published, sayDeployed } from './publish.ts';

/** What a HAProxy was last given, and how it went. */
interface Attempt {
  readonly checksum: string;
  readonly loaded: boolean;
  /** The files that the configuration names, as they were then. */
  readonly files: string;
}

/** Brings a configuration to pods; nothing happens where it is loaded, or has failed and nothing has changed since. */
export class Deployer {
  readonly #attempts = new WeakMap<HaproxyPod, Attempt>();
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  async deploy(of: Published, content: string, pods: readonly HaproxyPod[]): Promise<void> {
    const before = new Map(deployedPods(this.#store, of).map((entry) => [String(entry.podName), entry]));
    const entries = await Promise.all(
      pods.map(async (pod) => (await this.#deployTo(pod, content, before.get(pod.ref.pod))) ?? []),
    );
    const all = entries.flat().sort((a, b) => (String(a.podName) < String(b.podName) ? -1 : 1));
    sayDeployed(this.#store, of, all);
  }

  async #deployTo(pod: HaproxyPod, content: string, said: EditableObject | undefined): Promise<EditableObject> {
    const checksum = checksumOf(content);
    const files = filesOf(content, pod);
    const last = this.#attempts.get(pod);
    const podName = pod.ref.pod;
    if (last?.checksum === checksum && said && (last.loaded || last.files === files)) return said;
    const result = await pod.deploy(content);
    this.#attempts.set(pod, { checksum, loaded: result.result === 'loaded', files });
    const at = new Date(this.#now()).toISOString();
    if (result.result === 'loaded')
      return { podName, checksum, deployedAt: at, lastReloadAt: at, consecutiveErrors: 0 };
    const errors = Number(readField(said ?? {}, 'consecutiveErrors') ?? 0) + 1;
    return { ...said, podName, lastError: result.words, lastErrorAt: at, consecutiveErrors: errors };
  }
}

/** Size and time of the files that a configuration names: whether another attempt can end otherwise. */
function filesOf(content: string, pod: HaproxyPod): string {
  const paths = [...content.matchAll(/\b(?:crt|ca-file)\s+(\/\S+)/g)].flatMap(([, path = '']) => [path, `${path}.key`]);
  return [...new Set(paths)].map((path) => `${path} ${standing(pod.onHost(path))}`).join('\n');
}

function standing(path: string | undefined): string {
  if (path === undefined) return 'not on a volume';
  try {
    const { mtimeMs, ctimeMs, size, mode, uid, gid } = statSync(path);
    return [mtimeMs, ctimeMs, size, mode, uid, gid].join(' ');
  } catch {
    return 'not there';
  }
}
