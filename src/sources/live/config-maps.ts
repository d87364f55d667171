import type { ContainerView, PodView } from '../../evidence/pod-view.ts';
import type { ObjectRef } from '../../evidence/reading.ts';
import { refKey } from '../../evidence/subject.ts';
import { viewPod } from '../../evidence/view-pod.ts';
import { workloadsOf } from '../../evidence/workloads.ts';
import type { World } from '../../evidence/world.ts';
import { type GetAnswer, getObject } from './api.ts';
import type { Caller } from './call.ts';
import type { Collection } from './collection.ts';
import { CONFIG_MAP } from './resources.ts';

/** More than HAPTIC's and SPIRE's pods mount anywhere; beyond it something is wrong with what was found. */
const MAX_CONFIG_MAPS = 200;

/** ConfigMaps that HAPTIC's pods mount where certificates and helper configurations come from. */
export function configMapsOfHaptic(world: World, workloads: readonly ObjectRef[]): readonly ObjectRef[] {
  const keys = new Set(workloads.map(refKey));
  const pods = workloadsOf(world)
    .filter(({ ref }) => keys.has(refKey(ref)))
    .flatMap(({ template, pods: made }) => [template, ...made]);
  return pods.flatMap((pod) => mountedBy(pod, ({ role }) => role !== 'other' && role !== 'haptic-agent'));
}

/** agent.conf and the configuration of the spire-controller-manager, wherever their programs run. */
export function configMapsOfSpire(world: World): readonly ObjectRef[] {
  const programs = ['DaemonSet', 'StatefulSet', 'Deployment'].flatMap((kind) =>
    world.list(kind).items.map((item) => viewPod(item)),
  );
  const pods = world.list('Pod').items.map((item) => viewPod(item));
  return [...programs, ...pods].flatMap((pod) => mountedBy(pod, isSpireProgram, readsItsConfigThere));
}

/** Reads ConfigMaps by name, each once. */
export class ConfigMaps {
  readonly #caller: Caller;
  readonly #asked = new Map<string, Promise<Answer>>();
  readonly #collected = new Set<string>();

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Asks for what will probably be collected. Until it is, nothing becomes of the answers. */
  ask(refs: readonly ObjectRef[]): void {
    for (const ref of unique(refs).slice(0, MAX_CONFIG_MAPS)) this.#ask(ref).catch(() => undefined);
  }

  /** Records each once, whoever wants it. One that is not there is known to be absent. */
  async collect(collection: Collection, refs: readonly ObjectRef[]): Promise<void> {
    const wanted = unique(refs)
      .filter((ref) => !this.#collected.has(refKey(ref)))
      .slice(0, MAX_CONFIG_MAPS - this.#collected.size);
    for (const ref of wanted) this.#collected.add(refKey(ref));
    await Promise.all(
      wanted.map(async (ref) => {
        const { answer, at } = await this.#ask(ref);
        const { name, namespace } = ref;
        const where = { kind: CONFIG_MAP.kind, name, ...(namespace === undefined ? {} : { namespace }) };
        if (answer.state === 'refused') return collection.refuse({ what: 'objects', ...where }, answer.refusal);
        collection.coverage.push(where);
        if (answer.state === 'found') collection.add([{ object: answer.body, at }]);
      }),
    );
  }

  #ask(ref: ObjectRef): Promise<Answer> {
    const key = refKey(ref);
    const asked = this.#asked.get(key) ?? this.#get(ref);
    this.#asked.set(key, asked);
    return asked;
  }

  async #get({ namespace, name }: ObjectRef): Promise<Answer> {
    const answer = await getObject(this.#caller, CONFIG_MAP, namespace, name);
    return { answer, at: this.#caller.clock.timestamp() };
  }
}

/** What the server said of a ConfigMap, and when. */
interface Answer {
  readonly answer: GetAnswer;
  readonly at: string;
}

function unique(refs: readonly ObjectRef[]): readonly ObjectRef[] {
  return [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
}

type Wanted = (container: ContainerView) => boolean;

function mountedBy(
  pod: PodView,
  who: Wanted,
  which: (container: ContainerView, path: string) => boolean = () => true,
): readonly ObjectRef[] {
  const { namespace } = pod.ref;
  return pod.containers.filter(who).flatMap((container) =>
    container.mounts.flatMap(({ volume, path }) => {
      const mounted = pod.volumes.find(({ name }) => name === volume);
      if (mounted?.type !== 'configMap' || mounted.configMap === '' || !which(container, path)) return [];
      return [{ kind: 'ConfigMap', name: mounted.configMap, ...(namespace === undefined ? {} : { namespace }) }];
    }),
  );
}

const SPIRE_PROGRAM = /^spire-(?:agent|controller-manager)\b/;

function isSpireProgram({ image, command }: ContainerView): boolean {
  return SPIRE_PROGRAM.test(image.basename) || SPIRE_PROGRAM.test(command[0]?.split('/').at(-1) ?? '');
}

/** Only the ConfigMap in which the file named by `-config` lies; where none is named, any may be it. */
function readsItsConfigThere({ command, args }: ContainerView, path: string): boolean {
  const words = [...command, ...args];
  const files = words.flatMap((word, index) => {
    if (/^--?config$/.test(word)) return words[index + 1] ?? [];
    return /^--?config=/.test(word) ? word.slice(word.indexOf('=') + 1) : [];
  });
  return files.length === 0 || files.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));
}
