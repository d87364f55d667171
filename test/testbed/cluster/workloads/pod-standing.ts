import type { KubeObject } from '../../seams.ts';
import { conditionOf, isTrue } from '../conditions.ts';
import { dig, textAt } from '../fields.ts';

/** Pods that their maker counts: neither ending nor ended. */
export function isActive(pod: KubeObject): boolean {
  return (
    !dig(pod, 'metadata', 'deletionTimestamp') && !['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))
  );
}

export function isReady(pod: KubeObject): boolean {
  return isActive(pod) && isTrue(pod, 'Ready');
}

/** The order in which a maker gives up pods: without a node, not ready, and young ones first. */
export function leastWorthFirst(a: KubeObject, b: KubeObject): number {
  return (
    worth(a) - worth(b) ||
    readySince(b).localeCompare(readySince(a)) ||
    textAt(b, 'metadata', 'name').localeCompare(textAt(a, 'metadata', 'name'))
  );
}

function worth(pod: KubeObject): number {
  return (textAt(pod, 'spec', 'nodeName') === '' ? 0 : 1) + (isReady(pod) ? 2 : 0);
}

function readySince(pod: KubeObject): string {
  return textAt(conditionOf(pod, 'Ready'), 'lastTransitionTime') || textAt(pod, 'metadata', 'creationTimestamp');
}
