import { dig, listAt, textAt } from '../../../src/evidence/json.ts';
import type { ContainerRef, KubeObject, Store } from '../seams.ts';
import type { RequestInfo } from './handlers.ts';
import { nameOf } from './metadata.ts';
import { badRequest, notFound } from './status.ts';

/** A container of a pod, as a request on `log` or `exec` means it. */
export interface ChosenContainer {
  readonly pod: KubeObject;
  readonly ref: ContainerRef;
  /** Its entry in the pod's status; undefined: the kubelet has not reported it yet. */
  readonly status: unknown;
}

/** The container that a request is about. Throws the API server's refusals. */
export function chosenContainer(store: Pick<Store, 'get'>, info: RequestInfo): ChosenContainer {
  const { namespace = '', name = '', query } = info;
  const pod = podOf(store, namespace, name);
  const container = chosenName(pod, query.get('container') ?? '');
  return { pod, ref: { namespace, pod: name, container }, status: containerStatus(pod, container) };
}

export function podOf(store: Pick<Store, 'get'>, namespace: string, name: string): KubeObject {
  const pod = store.get({ kind: 'Pod', namespace, name });
  if (!pod) throw notFound('pods', '', name);
  return pod;
}

/** A container's entry in the status of its pod, of whatever sort it is. */
export function containerStatus(pod: KubeObject, container: string): unknown {
  return ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']
    .flatMap((list) => listAt(dig(pod, 'status', list)))
    .find((status) => dig(status, 'name') === container);
}

export function isScheduled(pod: KubeObject): boolean {
  return (textAt(dig(pod, 'spec', 'nodeName')) ?? '') !== '';
}

function chosenName(pod: KubeObject, asked: string): string {
  const regular = namesIn(pod, 'containers');
  const init = namesIn(pod, 'initContainers');
  const known = [...regular, ...init, ...namesIn(pod, 'ephemeralContainers')];
  if (asked !== '') {
    if (!known.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${nameOf(pod)}`);
    return asked;
  }
  const [only, ...others] = regular;
  if (only !== undefined && others.length === 0) return only;
  const orInit = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
  const choice = `choose one of: [${regular.join(' ')}]${orInit}`;
  throw badRequest(`a container name must be specified for pod ${nameOf(pod)}, ${choice}`);
}

function namesIn(pod: KubeObject, list: string): readonly string[] {
  return listAt(dig(pod, 'spec', list)).flatMap((container) => textAt(dig(container, 'name')) ?? []);
}
