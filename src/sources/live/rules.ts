import type { GatherItem } from '../../evidence/catalogue.ts';
import { CONFIG_MAP, EVENT, listsFor, PODS, type Resource } from './resources.ts';

/**
 * Where something is asked for: in the whole cluster, or in the namespaces of HAPTIC, of SPIRE, or of the Ingresses that
 * ask for mTLS.
 */
export type Reach = 'everywhere' | 'haptic' | 'spire' | 'backends';

/** One thing that gathering asks the API server for, in the words of RBAC. */
export interface Permission {
  readonly verb: 'get' | 'list' | 'create';
  /** '' for the core group. */
  readonly group: string;
  /** Plural resource, with its subresource after a slash. */
  readonly resource: string;
  readonly reach: Reach;
}

/** What is asked for beside the lists, once these have shown what there is. */
const BESIDE: Readonly<Partial<Record<GatherItem, readonly Permission[]>>> = {
  'config-maps': [permission('get', CONFIG_MAP, 'haptic')],
  events: [permission('list', EVENT, 'haptic')],
  spire: [permission('get', CONFIG_MAP, 'spire'), permission('list', PODS, 'spire')],
  'spiffe-ids': [permission('get', CONFIG_MAP, 'spire')],
  backends: [permission('list', PODS, 'backends')],
};

const LOGS: Readonly<Partial<Record<GatherItem, Reach>>> = {
  'helper-logs': 'haptic',
  'reloader-logs': 'haptic',
  'controller-logs': 'haptic',
  'agent-logs': 'spire',
};

/**
 * Everything that gathering these items may ask for, each once. Asking over a WebSocket takes `get` on pods/exec, and
 * from Kubernetes 1.35 on `create` too.
 */
export function permissionsFor(
  items: readonly GatherItem[],
  { exec, logs }: { readonly exec: boolean; readonly logs: boolean },
): readonly Permission[] {
  const wanted = [
    ...listsFor(items).map((resource) => permission('list', resource, reachOf(resource))),
    ...items.flatMap((item) => BESIDE[item] ?? []),
    ...(logs ? items.flatMap((item) => LOGS[item] ?? []) : []).map((reach) => permission('get', PODS, reach, '/log')),
    ...(exec && items.includes('probe')
      ? (['get', 'create'] as const).map((verb) => permission(verb, PODS, 'haptic', '/exec'))
      : []),
  ];
  return [...new Map(wanted.map((entry) => [JSON.stringify(entry), entry])).values()];
}

function reachOf({ namespaced, scope }: Resource): Reach {
  return namespaced && scope === 'installation' ? 'haptic' : 'everywhere';
}

function permission(verb: Permission['verb'], { group, plural }: Resource, reach: Reach, subresource = ''): Permission {
  return { verb, group, resource: `${plural}${subresource}`, reach };
}
