import type { PassedOver } from '../facts/registration.ts';
import { dig, listAt, objectAt, textAt, textsAt } from '../json.ts';
import { explainSelector } from '../label-selector.ts';
import type { PodView } from '../pod-view.ts';
import type { World } from '../world.ts';
import type { ControllerManager } from './controller-manager.ts';

const METADATA_NAME = 'kubernetes.io/metadata.name';

/** Why the object's selectors leave the pod out; undefined when they don't. */
export function selectionOf(
  world: World,
  pod: PodView,
  spec: ReturnType<typeof objectAt>,
  manager: ControllerManager | undefined,
): { readonly because: PassedOver['because']; readonly detail: string; readonly closeness: number } | undefined {
  const namespace = pod.ref.namespace ?? '';
  const ignored = manager?.ignoreNamespaces.find((pattern) => matchesWhole(pattern, namespace));
  if (ignored !== undefined) {
    return {
      because: 'namespace-ignored',
      detail: `the controller ignores namespace ${namespace} (ignoreNamespaces: ${ignored})`,
      closeness: 0.3,
    };
  }
  if (spec.namespaceSelector !== undefined) {
    const object = world.object('Namespace', undefined, namespace);
    const labels = {
      [METADATA_NAME]: namespace,
      ...(object.state === 'known' ? textsAt(dig(object.value.object, 'metadata', 'labels')) : {}),
    };
    const unmet = explainSelector(spec.namespaceSelector, labels);
    if (unmet && object.state !== 'known' && !onlyUsesTheName(spec.namespaceSelector)) {
      return { because: 'cannot-tell', detail: `the labels of namespace ${namespace} were not seen`, closeness: 0.4 };
    }
    if (unmet)
      return {
        because: 'namespace-not-selected',
        detail: `namespaceSelector ${unmet} on namespace ${namespace}`,
        closeness: 0.4,
      };
  }
  const unmet = spec.podSelector === undefined ? undefined : explainSelector(spec.podSelector, pod.labels);
  return unmet ? { because: 'pod-not-selected', detail: `podSelector ${unmet} on the pod`, closeness: 0.6 } : undefined;
}

function onlyUsesTheName(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = objectAt(selector);
  const keys = [
    ...Object.keys(objectAt(matchLabels)),
    ...listAt(matchExpressions).map((item) => textAt(objectAt(item).key)),
  ];
  return keys.every((key) => key === METADATA_NAME);
}

/** The controller matches whole names; a pattern that is no regular expression here is taken literally. */
function matchesWhole(pattern: string, namespace: string): boolean {
  // Names are at most 63 characters; patterns come from the platform's own configuration.
  if (!/^[\w.*+?()|^$[\]-]{1,128}$/.test(pattern)) return pattern === namespace;
  try {
    return new RegExp(`^(?:${pattern})$`).test(namespace);
  } catch {
    return pattern === namespace;
  }
}
