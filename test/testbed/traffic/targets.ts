import { dig, listAt, numberAt, textAt, textsAt } from '../../../src/evidence/json.ts';
import type { Store } from '../seams.ts';
import type { Target } from './client.ts';

/** Where a release's clients are sent. */
export interface Entrance {
  readonly namespace: string;
  /** Its Endpoints decide when there are any; else the pods that are Ready and carry the labels. */
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** HAProxy's pods of the base. */
export const BASE_ENTRANCE: Entrance = {
  namespace: 'haptic',
  service: 'haptic-haproxy',
  labels: { 'app.kubernetes.io/instance': 'haptic', 'app.kubernetes.io/component': 'loadbalancer' },
};

const HTTP = 8080;

/** The pods that a Service leads to at this moment. */
export function readyTargets(store: Store, { namespace, service, labels }: Entrance): readonly Target[] {
  const endpoints = store.get({ kind: 'Endpoints', namespace, name: service });
  if (endpoints) {
    return listAt(endpoints.subsets).flatMap((subset) => {
      const ports = listAt(dig(subset, 'ports'));
      const port = numberAt(dig(ports.find((each) => dig(each, 'name') === 'http') ?? ports[0], 'port')) ?? HTTP;
      return listAt(dig(subset, 'addresses')).flatMap((address) => {
        const host = textAt(dig(address, 'ip'));
        return host === undefined ? [] : { pod: textAt(dig(address, 'targetRef', 'name')) ?? host, host, port };
      });
    });
  }
  return store.list('Pod', namespace).flatMap((pod) => {
    const its = textsAt(dig(pod, 'metadata', 'labels'));
    const conditions = listAt(dig(pod, 'status', 'conditions'));
    const ready = conditions.some((each) => dig(each, 'type') === 'Ready' && dig(each, 'status') === 'True');
    const host = textAt(dig(pod, 'status', 'podIP'));
    const leaving = dig(pod, 'metadata', 'deletionTimestamp') !== undefined;
    const chosen = ready && !leaving && Object.entries(labels).every(([key, value]) => its[key] === value);
    const ports = listAt(dig(pod, 'spec', 'containers')).flatMap((each) => listAt(dig(each, 'ports')));
    const port =
      numberAt(
        dig(
          ports.find((each) => dig(each, 'name') === 'http'),
          'containerPort',
        ),
      ) ?? HTTP;
    return chosen && host !== undefined ? [{ pod: textAt(dig(pod, 'metadata', 'name')) ?? host, host, port }] : [];
  });
}
