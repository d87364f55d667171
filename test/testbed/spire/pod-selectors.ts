import { objectsAt, textAt, textsAt } from '../cluster/fields.ts';
import type { KubeObject } from '../seams.ts';

/** The selectors that the k8s workload attestor finds on a process of a container. */
export function selectorsOf(pod: KubeObject, container: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (name: string, value: string) => found.add(`k8s:${name}:${value}`);
  add('ns', textAt(pod, 'metadata', 'namespace'));
  add('sa', textAt(pod, 'spec', 'serviceAccountName') || 'default');
  add('pod-uid', textAt(pod, 'metadata', 'uid'));
  add('pod-name', textAt(pod, 'metadata', 'name'));
  add('node-name', textAt(pod, 'spec', 'nodeName'));
  for (const [key, value] of Object.entries(textsAt(pod, 'metadata', 'labels'))) add('pod-label', `${key}:${value}`);
  for (const owner of objectsAt(pod, 'metadata', 'ownerReferences')) {
    add('pod-owner', `${textAt(owner, 'kind')}:${textAt(owner, 'name')}`);
    add('pod-owner-uid', `${textAt(owner, 'kind')}:${textAt(owner, 'uid')}`);
  }
  const containers = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
  const own = containers.find((candidate) => textAt(candidate, 'name') === container);
  add('container-name', container);
  if (own !== undefined) add('container-image', textAt(own, 'image'));
  for (const each of objectsAt(pod, 'spec', 'containers')) add('pod-image', textAt(each, 'image'));
  return found;
}
