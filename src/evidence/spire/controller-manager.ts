import { dig, flagAt, listAt, objectAt, textAt, textsAt } from '../json.ts';
import type { ObjectRef, Unknown } from '../reading.ts';
import { refOf, type World } from '../world.ts';

/** What one spire-controller-manager was told, from its ConfigMap. */
export interface ControllerManager {
  readonly ref: ObjectRef;
  /** '' when the setting is missing. */
  readonly className: string;
  readonly watchClassless: boolean;
  readonly trustDomain?: string;
  readonly clusterName?: string;
  readonly clusterDomain?: string;
  /** Regular expressions of namespaces that get nothing. */
  readonly ignoreNamespaces: readonly string[];
}

export interface ControllerManagers {
  readonly items: readonly ControllerManager[];
  /** Why there may be more; absent: these are all. */
  readonly rest?: Unknown;
}

const KEY = 'controller-manager-config.yaml';

/** Every controller-manager configuration that was collected; memoised. */
export function controllerManagers(world: World): ControllerManagers {
  return world.memo('controller-managers', () => {
    const listed = world.list('ConfigMap');
    const items = listed.items.flatMap(({ object }) => {
      const text =
        textsAt(object.data)[KEY] ??
        Object.entries(textsAt(object.data)).find(([key]) => key.endsWith('controller-manager-config.yaml'))?.[1];
      const config = text === undefined ? undefined : parse(text);
      return config === undefined ? [] : [view(refOf(object), config)];
    });
    return listed.rest ? { items, rest: listed.rest } : { items };
  });
}

/** Why none was collected, where one may be: ConfigMaps are asked for by name, so only a refusal says that there is one. */
export function settingsUnseen(world: World): Unknown | undefined {
  const { items, rest } = controllerManagers(world);
  return items.length > 0 || rest?.why === 'no-evidence' ? undefined : rest;
}

/** The gate leaves the configuration as JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function view(ref: ObjectRef, config: unknown): ControllerManager {
  const { className, watchClassless, trustDomain, clusterName, clusterDomain, ignoreNamespaces } = objectAt(config);
  const optional = {
    trustDomain: textAt(trustDomain),
    clusterName: textAt(clusterName),
    clusterDomain: textAt(clusterDomain),
  };
  return {
    ref,
    className: textAt(className) ?? '',
    watchClassless: flagAt(watchClassless) ?? false,
    ...(optional.trustDomain ? { trustDomain: optional.trustDomain } : {}),
    ...(optional.clusterName ? { clusterName: optional.clusterName } : {}),
    ...(optional.clusterDomain ? { clusterDomain: optional.clusterDomain } : {}),
    ignoreNamespaces: listAt(ignoreNamespaces).flatMap((item) => (typeof item === 'string' ? [item] : [])),
  };
}

/** Whether a controller reconciles the class, and which one; `unknown` when neither configuration nor status tells. */
export type Watching =
  | { readonly state: 'watched'; readonly by?: ControllerManager }
  | { readonly state: 'not-watched'; readonly watched: readonly string[] }
  | { readonly state: 'unknown' };

/**
 * Whether anything reconciles ClusterSPIFFEIDs of a class. Without a readable configuration the classes of objects that
 * do have a status stand in for it.
 */
export function watching(world: World, className: string): Watching {
  const { items } = controllerManagers(world);
  const by = items.find((manager) =>
    className === '' ? manager.watchClassless || manager.className === '' : manager.className === className,
  );
  if (by) return { state: 'watched', by };
  if (items.length > 0) return { state: 'not-watched', watched: items.map((manager) => manager.className) };
  const reconciled = reconciledClasses(world);
  if (reconciled.has(className)) return { state: 'watched' };
  return reconciled.size > 0 ? { state: 'not-watched', watched: [...reconciled] } : { state: 'unknown' };
}

/** Classes that some controller reconciles, by its configuration or else by the status of its objects. */
export function watchedClasses(world: World): readonly string[] {
  const { items } = controllerManagers(world);
  return items.length > 0 ? [...new Set(items.map(({ className }) => className))] : [...reconciledClasses(world)];
}

function reconciledClasses(world: World): ReadonlySet<string> {
  return new Set(
    world
      .list('ClusterSPIFFEID')
      .items.filter(({ object }) => dig(object, 'status', 'stats') !== undefined)
      .map(({ object }) => textAt(dig(object, 'spec', 'className')) ?? ''),
  );
}
