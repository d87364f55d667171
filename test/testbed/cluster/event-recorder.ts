import type { Controller, KubeObject, Store } from '../seams.ts';
import { identityOf, keyOf, numberAt, textAt } from './fields.ts';
import { suffixOf } from './names.ts';
import { timestamp } from './timestamp.ts';

export interface EventNote {
  readonly about: KubeObject;
  /** `spec.containers{spiffe-helper}` */
  readonly fieldPath?: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `happened`: counts every time. `lasts`: counts again only when the last note of it is a minute old. */
  readonly nature: 'happened' | 'lasts';
}

export type RecordEvent = (note: EventNote) => void;

const AGAIN_AFTER_MS = 60_000;
/** kube-apiserver's --event-ttl */
const KEPT_MS = 3_600_000;

/** Writes core/v1 Events; the same event again counts up, as client-go's recorder does. */
export function eventRecorder(store: Store, component: string, now: () => number): RecordEvent {
  return ({ about, fieldPath, type, reason, message, nature }) => {
    const { kind, namespace, name, uid } = identityOf(about);
    const home = namespace || 'default';
    const time = timestamp(now());
    const eventName = `${name}.${suffixOf([component, kind, uid, fieldPath ?? '', reason, message].join('\n'), 16)}`;
    const before = store.get({ kind: 'Event', namespace: home, name: eventName });
    if (before) {
      if (nature === 'lasts' && now() - Date.parse(textAt(before, 'lastTimestamp')) < AGAIN_AFTER_MS) return;
      const count = (numberAt(before, 'count') ?? 1) + 1;
      store.update({ ...before, count, lastTimestamp: time }, { manager: component });
      return;
    }
    store.create(
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace: home },
        involvedObject: {
          kind,
          ...(namespace === '' ? {} : { namespace }),
          name,
          uid,
          apiVersion: textAt(about, 'apiVersion'),
          ...(fieldPath === undefined ? {} : { fieldPath }),
        },
        reason,
        message,
        type,
        count: 1,
        firstTimestamp: time,
        lastTimestamp: time,
        eventTime: null,
        source: { component, ...(component === 'kubelet' ? { host: textAt(about, 'spec', 'nodeName') } : {}) },
        reportingComponent: component,
        reportingInstance: '',
      },
      { manager: component },
    );
  };
}

/** Forgets Events that are an hour old, as the API server does. */
export function eventExpiry(store: Store, now: () => number): Controller {
  return {
    name: 'event expiry',
    reconcile: () => {
      for (const event of store.list('Event')) {
        const last = Date.parse(textAt(event, 'lastTimestamp') || textAt(event, 'metadata', 'creationTimestamp'));
        if (now() - last > KEPT_MS) store.remove(keyOf(event));
      }
    },
  };
}
