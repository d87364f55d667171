import type { EditableObject } from '../../../scenario/field-edit.ts';
import type { KubeObject, Store } from '../../seams.ts';
import { identityOf, objectAt, objectsAt } from '../fields.ts';

/** The pod with the requests and limits that the namespace's LimitRanges give to containers without their own. */
export function withDefaultLimits(store: Store, pod: KubeObject): KubeObject {
  const items = store
    .list('LimitRange', identityOf(pod).namespace)
    .flatMap((range) => objectsAt(range, 'spec', 'limits'))
    .filter(({ type }) => type === 'Container');
  if (items.length === 0) return pod;
  const limits = Object.assign({}, ...items.map((item) => objectAt(item, 'default')));
  const requests = Object.assign({}, limits, ...items.map((item) => objectAt(item, 'defaultRequest')));
  const fill = (container: EditableObject): EditableObject => {
    const own = objectAt(container, 'resources');
    const filled = {
      ...own,
      limits: { ...limits, ...objectAt(own, 'limits') },
      requests: { ...requests, ...objectAt(own, 'limits'), ...objectAt(own, 'requests') },
    };
    return { ...container, resources: filled };
  };
  const spec = objectAt(pod, 'spec');
  const init = objectsAt(spec, 'initContainers');
  return {
    ...pod,
    spec: {
      ...spec,
      ...(init.length === 0 ? {} : { initContainers: init.map(fill) }),
      containers: objectsAt(spec, 'containers').map(fill),
    },
  };
}
