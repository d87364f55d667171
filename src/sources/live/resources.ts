import type { GatherItem } from '../../evidence/catalogue.ts';

/** A kind as the API serves it. */
export interface Resource {
  readonly kind: string;
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /**
   * `installation`: `-n` confines it. `around`: what an installation depends on may live in other namespaces, so it is
   * looked for in all of them if that is allowed.
   */
  readonly scope: 'installation' | 'around';
  /** A kind that an extension brings: when its group is not served, there are no such objects. */
  readonly extension: boolean;
}

function resource(
  kind: string,
  group: string,
  version: string,
  plural: string,
  scope: Resource['scope'],
  namespaced = true,
): Resource {
  return {
    kind,
    group,
    version,
    plural,
    namespaced,
    scope,
    extension: group.includes('.') && !group.endsWith('.k8s.io'),
  };
}

const POD = resource('Pod', '', 'v1', 'pods', 'installation');
const DEPLOYMENT = resource('Deployment', 'apps', 'v1', 'deployments', 'installation');
const REPLICA_SET = resource('ReplicaSet', 'apps', 'v1', 'replicasets', 'installation');
const DAEMON_SET = resource('DaemonSet', 'apps', 'v1', 'daemonsets', 'around');
const STATEFUL_SET = resource('StatefulSet', 'apps', 'v1', 'statefulsets', 'around');
const TEMPLATE_CONFIG = resource(
  'HAProxyTemplateConfig',
  'haproxy-haptic.org',
  'v1alpha1',
  'haproxytemplateconfigs',
  'installation',
);
const HAPROXY_CFG = resource('HAProxyCfg', 'haproxy-haptic.org', 'v1alpha1', 'haproxycfgs', 'installation');
const INGRESS = resource('Ingress', 'networking.k8s.io', 'v1', 'ingresses', 'around');
const SERVICE = resource('Service', '', 'v1', 'services', 'around');
const ENDPOINTS = resource('Endpoints', '', 'v1', 'endpoints', 'around');
const NAMESPACE = resource('Namespace', '', 'v1', 'namespaces', 'around', false);
const NODE = resource('Node', '', 'v1', 'nodes', 'around', false);
const CSI_DRIVER = resource('CSIDriver', 'storage.k8s.io', 'v1', 'csidrivers', 'around', false);
const CSI_NODE = resource('CSINode', 'storage.k8s.io', 'v1', 'csinodes', 'around', false);
const CLUSTER_SPIFFE_ID = resource(
  'ClusterSPIFFEID',
  'spire.spiffe.io',
  'v1alpha1',
  'clusterspiffeids',
  'around',
  false,
);

/** Read by name, never listed. */
export const CONFIG_MAP = resource('ConfigMap', '', 'v1', 'configmaps', 'installation');
/** Listed in the namespaces of installations only, once these are known. */
export const EVENT = resource('Event', '', 'v1', 'events', 'installation');
export const PODS = POD;
export const NAMESPACES = NAMESPACE;

/** What finding HAPTIC takes, whatever is asked about it. */
export const ALWAYS: readonly Resource[] = [POD, DEPLOYMENT, DAEMON_SET, REPLICA_SET, TEMPLATE_CONFIG];

const LISTS: Readonly<Partial<Record<GatherItem, readonly Resource[]>>> = {
  'haproxy-cfg': [HAPROXY_CFG],
  ingresses: [INGRESS],
  backends: [SERVICE, ENDPOINTS],
  csi: [CSI_DRIVER, CSI_NODE, NODE],
  'spiffe-ids': [CLUSTER_SPIFFE_ID, NAMESPACE, STATEFUL_SET],
  probe: [NODE],
};

/** What tells which pods to look into, and which ConfigMaps say where: asked for before anything else. */
const FINDING: readonly Resource[] = [...ALWAYS, HAPROXY_CFG, STATEFUL_SET];

/** What tells which of the pods cannot, or need not be looked into. */
const EXCUSING: readonly Resource[] = [NODE, INGRESS];

/** Lists in the order in which the rest of the gathering waits for them. */
export interface ListPlan {
  readonly finding: readonly Resource[];
  readonly excusing: readonly Resource[];
  /** Only judging needs these. */
  readonly others: readonly Resource[];
}

export function planLists(items: readonly GatherItem[]): ListPlan {
  const all = listsFor(items);
  return {
    finding: all.filter((one) => FINDING.includes(one)),
    excusing: all.filter((one) => EXCUSING.includes(one)),
    others: all.filter((one) => !FINDING.includes(one) && !EXCUSING.includes(one)),
  };
}

/** The lists to ask for, each kind once. */
export function listsFor(items: readonly GatherItem[]): readonly Resource[] {
  return [...new Set([...ALWAYS, ...items.flatMap((item) => LISTS[item] ?? [])])];
}

/** Path of a collection, or of one object in it. */
export function pathOf({ group, version, plural, namespaced }: Resource, namespace?: string, name?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const within = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${within}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
