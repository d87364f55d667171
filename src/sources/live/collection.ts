import {
  API_VERSION,
  type CollectedLog,
  type CollectedObject,
  type CollectedProbe,
  type Coverage,
  type NotCollected,
  type Snapshot,
  type Target,
} from '../../evidence/snapshot.ts';
import { refKey } from '../../evidence/subject.ts';
import { refOf } from '../../evidence/world.ts';
import type { Refusal } from './refusal.ts';

/** What has been gathered so far. */
export class Collection {
  readonly logs: CollectedLog[] = [];
  readonly probes: CollectedProbe[] = [];
  readonly coverage: Coverage[] = [];
  readonly notCollected: NotCollected[] = [];
  readonly notes: string[] = [];
  readonly #objects = new Map<string, CollectedObject>();
  readonly #texts = new Map<string, string>();
  #added = 0;

  /** In a stable order, whichever answer came first. */
  get objects(): readonly CollectedObject[] {
    return [...this.#objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, collected]) => collected);
  }

  /** An object that was read twice counts as it was read last. */
  add(objects: readonly CollectedObject[]): void {
    this.#added += objects.length;
    for (const collected of objects) this.#objects.set(refKey(refOf(collected.object)), collected);
  }

  /** One copy of a text that is the same in many pods: bundles, configurations, answers to questions about them. */
  shared(text: string): string {
    const before = this.#texts.get(text);
    if (before === undefined) this.#texts.set(text, text);
    return before ?? text;
  }

  refuse(target: Target, { why, detail, rule }: Refusal): void {
    this.notCollected.push({ target, why, detail, ...(rule ? { rule } : {}) });
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** What `make` made last, as long as nothing has come since. */
  whileUnchanged<T>(make: () => T): () => T {
    return remembered(
      () => [this.#added, this.logs.length, this.probes.length, this.coverage.length, this.notCollected.length].join(),
      make,
    );
  }

  /** What `make` made last, as long as no object has come since. */
  whileNoObjectComes<T>(make: () => T): () => T {
    return remembered(() => String(this.#added), make);
  }

  /** Everything so far as a snapshot that was not redacted yet: for finding one's way, never for keeping. */
  snapshot(head: Pick<Snapshot, 'tool' | 'observedAt' | 'source' | 'requests'>): Snapshot {
    const { objects, notes } = this;
    const coverage = sorted(this.coverage, ({ kind, namespace = '', name = '' }) => `${kind} ${namespace}/${name}`);
    const logs = sorted(
      this.logs,
      ({ namespace, pod, container, previous }) => `${namespace}/${pod}/${container} ${previous}`,
    );
    const probes = sorted(this.probes, ({ namespace, pod }) => `${namespace}/${pod}`);
    // What is refused about one target stays in the order in which it was: the rule to ask for first comes first.
    const notCollected = sorted(this.notCollected, ({ target }) => JSON.stringify(target));
    const lists = { coverage, logs, probes, notCollected, notes: notes.toSorted() };
    return { apiVersion: API_VERSION, kind: 'Snapshot', ...head, objects, ...lists, redactions: [] };
  }
}

function remembered<T>(keyOf: () => string, make: () => T): () => T {
  let made: { readonly key: string; readonly value: T } | undefined;
  return () => {
    const key = keyOf();
    if (made?.key !== key) made = { key, value: make() };
    return made.value;
  };
}

function sorted<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}
