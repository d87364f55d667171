import type { KubeObject } from '../../seams.ts';
import { dig, objectsAt, textAt } from '../fields.ts';
import { parseQuantity } from './quantity.ts';

const COMPUTE = /^(?:requests|limits)\.(?:cpu|memory|ephemeral-storage)$/;
const SHORT: Readonly<Record<string, string>> = {
  cpu: 'requests.cpu',
  memory: 'requests.memory',
  'ephemeral-storage': 'requests.ephemeral-storage',
  'count/pods': 'pods',
};

/** `cpu` is `requests.cpu`, `count/pods` is `pods`. */
export function countedName(hardName: string): string {
  return SHORT[hardName] ?? hardName;
}

export function isCompute(name: string): boolean {
  return COMPUTE.test(countedName(name));
}

/** What one container asks for; undefined when it says nothing. A limit counts as request, as the API server's defaulting has it. */
export function containerUse(container: KubeObject, hardName: string): number | undefined {
  const [kind = '', resource = ''] = countedName(hardName).split('.');
  const given = dig(container, 'resources', kind, resource) ?? dig(container, 'resources', 'limits', resource);
  const own = kind === 'limits' ? dig(container, 'resources', 'limits', resource) : given;
  return own === undefined || own === null ? undefined : parseQuantity(String(own));
}

/** What a pod uses of a resource: all containers and sidecars together, or the biggest init container when that is more. */
export function podUse(pod: KubeObject, hardName: string): number {
  if (countedName(hardName) === 'pods') return 1000;
  if (!isCompute(hardName)) return 0;
  const use = (container: KubeObject) => containerUse(container, hardName) ?? 0;
  const init = objectsAt(pod, 'spec', 'initContainers');
  const isSidecar = (container: KubeObject) => textAt(container, 'restartPolicy') === 'Always';
  const lasting = [...objectsAt(pod, 'spec', 'containers'), ...init.filter(isSidecar)];
  const sum = lasting.reduce((total, container) => total + use(container), 0);
  return Math.max(sum, ...init.filter((container) => !isSidecar(container)).map(use));
}

/** Pods that have ended count no more. */
export function countsForQuota(pod: KubeObject): boolean {
  return !['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
}
