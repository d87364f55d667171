import type { KubeObject, StoreEvent } from '../seams.ts';

/** A change and the resourceVersion that it made. */
export interface VersionedEvent extends StoreEvent {
  readonly version: number;
  /** The object before; undefined for ADDED. */
  readonly before: KubeObject | undefined;
}

/** The last changes of a store, for those who watch from a resourceVersion. */
export interface History {
  readonly add: (event: VersionedEvent) => void;
  /** What happened after this resourceVersion, oldest first; undefined: that is too long ago. */
  readonly since: (version: number) => readonly VersionedEvent[] | undefined;
  /** Forgets all up to this resourceVersion. */
  readonly compact: (version: number) => void;
}

/** As many changes as are kept. */
const LIMIT = 10_000;

export function createHistory(firstVersion: number): History {
  let events: VersionedEvent[] = [];
  let oldest = firstVersion;
  return {
    add: (event) => {
      events.push(event);
      if (events.length <= LIMIT) return;
      events = events.slice(LIMIT / 2);
      oldest = (events[0]?.version ?? event.version) - 1;
    },
    since: (version) => {
      if (version < oldest) return undefined;
      const first = events.findIndex((event) => event.version > version);
      return first < 0 ? [] : events.slice(first);
    },
    compact: (version) => {
      events = events.filter((event) => event.version > version);
      oldest = version;
    },
  };
}
