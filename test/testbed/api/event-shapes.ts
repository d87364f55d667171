import type { KubeObject } from '../seams.ts';
import type { ResourceKind } from './kinds.ts';
import { isMap } from './metadata.ts';

/** Fields that the two groups that serve events call differently: as stored, and in `events.k8s.io`. */
const RENAMED: readonly (readonly [stored: string, shown: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

/** An object as its resource shows it: events are stored as the core group's. */
export function shownAs(object: KubeObject, resource: ResourceKind): KubeObject {
  if (resource.group !== 'events.k8s.io') return object;
  return { ...renamed(object, RENAMED), apiVersion: 'events.k8s.io/v1' };
}

/** The reverse, for what a client sends. */
export function storedAs(object: KubeObject, resource: ResourceKind): KubeObject {
  if (resource.group !== 'events.k8s.io') return object;
  const back = RENAMED.map(([stored, shown]): readonly [string, string] => [shown, stored]);
  return { ...renamed(object, back), apiVersion: 'v1' };
}

function renamed(object: KubeObject, names: readonly (readonly [string, string])[]): KubeObject {
  if (!isMap(object)) return object;
  const to = new Map(names);
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [to.get(key) ?? key, value]));
}
