import type { PodView } from '../pod-view.ts';

/** Whether a volume is root's unless somebody has prepared it: storage, in a pod whose fsGroup does not give it away. */
export function belongsToRoot(pod: PodView, volume: string): boolean {
  const kind = pod.volumes.find(({ name }) => name === volume);
  return pod.fsGroup === null && kind !== undefined && kind.type !== 'emptyDir' && kind.type !== 'configMap';
}
