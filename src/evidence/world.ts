import { dig, type JsonObject, textAt } from './json.ts';
import { absent, known, type ObjectRef, type Origin, type Reading, type Unknown, unknown } from './reading.ts';
import type { CollectedLog, CollectedObject, CollectedProbe, NotCollected, Snapshot } from './snapshot.ts';
import { refKey } from './subject.ts';

/** Objects of one kind, and why there may be more of them than these. */
export interface Listed {
  readonly items: readonly CollectedObject[];
  /** Absent: these are all. */
  readonly rest?: Unknown;
}

/** Kinds that nobody applies from files: the cluster makes them while it runs. */
const MADE_BY_THE_CLUSTER = [
  'Pod',
  'Endpoints',
  'EndpointSlice',
  'CSINode',
  'Node',
  'Event',
  'ReplicaSet',
  'HAProxyCfg',
];

const RECENT = 16;

/** What the user said about the installation, beside what was gathered. */
export interface Settings {
  /** Key of the annotation that asks for mTLS; absent: read from the installed snippet. */
  readonly annotation?: string;
}

/** Read access to a snapshot, by kind, namespace and name. Judges nothing. */
export class World {
  readonly snapshot: Snapshot;
  readonly settings: Settings;
  /** End of gathering, epoch milliseconds. */
  readonly now: number;
  readonly #byKind = new Map<string, CollectedObject[]>();
  readonly #byName = new Map<string, ReadonlyMap<string, readonly CollectedObject[]>>();
  readonly #logs = new Map<string, CollectedLog>();
  readonly #probes = new Map<string, CollectedProbe>();
  readonly #memo = new Map<string, unknown>();
  readonly #recent = new Map<string, Map<string, unknown>>();

  constructor(snapshot: Snapshot, settings: Settings = {}) {
    this.snapshot = snapshot;
    this.settings = settings;
    this.now = Date.parse(snapshot.observedAt);
    for (const collected of snapshot.objects) {
      const kind = textAt(collected.object.kind) ?? '';
      const list = this.#byKind.get(kind);
      if (list) list.push(collected);
      else this.#byKind.set(kind, [collected]);
    }
    for (const log of snapshot.logs) this.#logs.set(logKey(log.namespace, log.pod, log.container, log.previous), log);
    for (const probe of snapshot.probes) this.#probes.set(`${probe.namespace}/${probe.pod}`, probe);
  }

  /** True for evidence from files: nothing was seen running. */
  get fromFiles(): boolean {
    return this.snapshot.source.kind === 'manifests';
  }

  /** Computes once per key; facts are asked for by many checks. */
  memo<T>(key: string, compute: () => T): T {
    if (!this.#memo.has(key)) this.#memo.set(key, compute());
    return this.#memo.get(key) as T;
  }

  /**
   * The same for what is about one object. Subjects are judged one after another: of those that came first it is
   * computed again rather than kept.
   */
  memoOf<T>(ref: ObjectRef, key: string, compute: () => T): T {
    const of = refKey(ref);
    const memo = this.#recent.get(of) ?? new Map<string, unknown>();
    if (!this.#recent.has(of)) {
      const [oldest] = this.#recent.keys();
      if (oldest !== undefined && this.#recent.size >= RECENT) this.#recent.delete(oldest);
      this.#recent.set(of, memo);
    }
    if (!memo.has(key)) memo.set(key, compute());
    return memo.get(key) as T;
  }

  /** Without a namespace: of all namespaces. */
  list(kind: string, namespace?: string): Listed {
    const all = this.#byKind.get(kind) ?? [];
    const items = namespace === undefined ? all : all.filter((item) => namespaceOf(item.object) === namespace);
    const rest = this.#whyMore(kind, namespace);
    return rest ? { items, rest } : { items };
  }

  object(kind: string, namespace: string | undefined, name: string): Reading<CollectedObject> {
    const found = this.#named(kind)
      .get(name)
      ?.find((item) => namespace === undefined || namespaceOf(item.object) === namespace);
    if (found) return known(found, originOf(found));
    const rest = this.#whyMore(kind, namespace, name);
    if (rest) return rest;
    const ref = namespace === undefined ? { kind, name } : { kind, namespace, name };
    return absent('object', `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`, { object: ref });
  }

  log(namespace: string, pod: string, container: string, options: { previous?: boolean } = {}): Reading<CollectedLog> {
    const previous = options.previous ?? false;
    const log = this.#logs.get(logKey(namespace, pod, container, previous));
    if (log)
      return known(log, { object: { kind: 'Pod', namespace, name: pod }, field: `log of ${container}`, at: log.at });
    return this.#missing(
      namespace,
      (entry) =>
        entry.target.what === 'log' &&
        entry.target.namespace === namespace &&
        entry.target.pod === pod &&
        entry.target.container === container &&
        entry.target.previous === previous,
      `the log of container ${container} was not collected`,
    );
  }

  probe(namespace: string, pod: string): Reading<CollectedProbe> {
    const probe = this.#probes.get(`${namespace}/${pod}`);
    if (probe) return known(probe, { object: { kind: 'Pod', namespace, name: pod }, field: 'probe', at: probe.at });
    return this.#missing(
      namespace,
      (entry) => entry.target.what === 'probe' && entry.target.namespace === namespace && entry.target.pod === pod,
      'nothing was run in the pod',
    );
  }

  /** Objects of a kind by name, in their order. */
  #named(kind: string): ReadonlyMap<string, readonly CollectedObject[]> {
    const before = this.#byName.get(kind);
    if (before) return before;
    const named = Map.groupBy(this.#byKind.get(kind) ?? [], ({ object }) => nameOf(object));
    this.#byName.set(kind, named);
    return named;
  }

  #missing(namespace: string, matches: (entry: NotCollected) => boolean, otherwise: string): Unknown {
    if (this.fromFiles) return unknown('needs-live', 'files cannot show what runs');
    const entry = this.snapshot.notCollected.find(matches);
    if (entry) return unknown(entry.why, entry.detail, entry.rule);
    // Pods that could not be listed could not be asked either.
    return this.#whyMore('Pod', namespace) ?? unknown('no-evidence', otherwise);
  }

  /** Why objects of this description may exist beyond those collected; undefined when they cannot. */
  #whyMore(kind: string, namespace?: string, name?: string): Unknown | undefined {
    const { source, coverage, notCollected } = this.snapshot;
    const covered = coverage.some(
      (cover) =>
        cover.kind === kind &&
        (cover.namespace === undefined || cover.namespace === namespace) &&
        (cover.name === undefined || cover.name === name),
    );
    if (covered) return undefined;
    if (source.kind === 'manifests') {
      if (MADE_BY_THE_CLUSTER.includes(kind)) return unknown('needs-live', `files cannot show a ${kind}`);
      return source.complete
        ? undefined
        : unknown(
            'not-in-files',
            `${kind} ${name ?? 'objects'} may exist outside these files; --complete says that they don't`,
          );
    }
    const refusal = notCollected.find(
      ({ target }) =>
        target.what === 'objects' &&
        target.kind === kind &&
        (target.namespace === undefined || namespace === undefined || target.namespace === namespace) &&
        (target.name === undefined || name === undefined || target.name === name),
    );
    return refusal
      ? unknown(refusal.why, refusal.detail, refusal.rule)
      : unknown('no-evidence', `${kind} objects were not asked for`);
  }
}

export function nameOf(object: JsonObject): string {
  return textAt(dig(object, 'metadata', 'name')) ?? '';
}

export function namespaceOf(object: JsonObject): string | undefined {
  return textAt(dig(object, 'metadata', 'namespace'));
}

export function refOf(object: JsonObject): { kind: string; namespace?: string; name: string } {
  const namespace = namespaceOf(object);
  const ref = { kind: textAt(object.kind) ?? '', name: nameOf(object) };
  return namespace === undefined ? ref : { ...ref, namespace };
}

/** Where a collected object, or one field of it, was read. */
export function originOf(collected: CollectedObject, field?: string): Origin {
  const line = field === undefined ? collected.lines?.[''] : collected.lines?.[field];
  return {
    object: refOf(collected.object),
    at: collected.at,
    ...(field === undefined ? {} : { field }),
    ...(collected.file === undefined ? {} : { file: collected.file }),
    ...(line === undefined ? {} : { line }),
  };
}

function logKey(namespace: string, pod: string, container: string, previous: boolean): string {
  return `${namespace}/${pod}/${container}/${previous}`;
}
