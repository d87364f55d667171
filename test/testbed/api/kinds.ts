/** A resource as discovery lists it. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** `pods`. */
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly scope: 'namespaced' | 'cluster';
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
  /** Defined by a CustomResourceDefinition: list items keep kind and apiVersion, no strategic merge. */
  readonly custom: boolean;
  /** Reviews can only be created and are never stored. */
  readonly storage: 'objects' | 'none';
}

type Row = readonly [plural: string, kind: string, scope: 'namespaced' | 'cluster', extra?: Partial<ResourceKind>];

const all = { categories: ['all'] };
const status = { subresources: ['status'] };
const workload = { ...all, subresources: ['status', 'scale'] };
const review = { storage: 'none' } as const;

const GROUPS: readonly (readonly [groupVersion: string, rows: readonly Row[]])[] = [
  [
    'v1',
    [
      ['pods', 'Pod', 'namespaced', { ...all, shortNames: ['po'], subresources: podSubresources() }],
      ['services', 'Service', 'namespaced', { ...all, shortNames: ['svc'], subresources: ['proxy', 'status'] }],
      ['endpoints', 'Endpoints', 'namespaced', { shortNames: ['ep'], singular: 'endpoints' }],
      ['configmaps', 'ConfigMap', 'namespaced', { shortNames: ['cm'] }],
      ['secrets', 'Secret', 'namespaced'],
      ['serviceaccounts', 'ServiceAccount', 'namespaced', { shortNames: ['sa'], subresources: ['token'] }],
      ['events', 'Event', 'namespaced', { shortNames: ['ev'] }],
      ['namespaces', 'Namespace', 'cluster', { shortNames: ['ns'], subresources: ['finalize', 'status'] }],
      ['nodes', 'Node', 'cluster', { shortNames: ['no'], subresources: ['proxy', 'status'] }],
      ['persistentvolumeclaims', 'PersistentVolumeClaim', 'namespaced', { ...status, shortNames: ['pvc'] }],
      ['persistentvolumes', 'PersistentVolume', 'cluster', { ...status, shortNames: ['pv'] }],
      ['replicationcontrollers', 'ReplicationController', 'namespaced', { ...workload, shortNames: ['rc'] }],
      ['resourcequotas', 'ResourceQuota', 'namespaced', { ...status, shortNames: ['quota'] }],
      ['limitranges', 'LimitRange', 'namespaced', { shortNames: ['limits'] }],
    ],
  ],
  [
    'apps/v1',
    [
      ['deployments', 'Deployment', 'namespaced', { ...workload, shortNames: ['deploy'] }],
      ['daemonsets', 'DaemonSet', 'namespaced', { ...all, ...status, shortNames: ['ds'] }],
      ['statefulsets', 'StatefulSet', 'namespaced', { ...workload, shortNames: ['sts'] }],
      ['replicasets', 'ReplicaSet', 'namespaced', { ...workload, shortNames: ['rs'] }],
      ['controllerrevisions', 'ControllerRevision', 'namespaced'],
    ],
  ],
  [
    'batch/v1',
    [
      ['jobs', 'Job', 'namespaced', { ...all, ...status }],
      ['cronjobs', 'CronJob', 'namespaced', { ...all, ...status, shortNames: ['cj'] }],
    ],
  ],
  [
    'autoscaling/v2',
    [['horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'namespaced', { ...all, ...status, shortNames: ['hpa'] }]],
  ],
  [
    'networking.k8s.io/v1',
    [
      ['ingresses', 'Ingress', 'namespaced', { ...status, shortNames: ['ing'], singular: 'ingress' }],
      ['ingressclasses', 'IngressClass', 'cluster', { singular: 'ingressclass' }],
      ['networkpolicies', 'NetworkPolicy', 'namespaced', { shortNames: ['netpol'], singular: 'networkpolicy' }],
    ],
  ],
  ['discovery.k8s.io/v1', [['endpointslices', 'EndpointSlice', 'namespaced']]],
  ['events.k8s.io/v1', [['events', 'Event', 'namespaced', { shortNames: ['ev'] }]]],
  ['policy/v1', [['poddisruptionbudgets', 'PodDisruptionBudget', 'namespaced', { ...status, shortNames: ['pdb'] }]]],
  [
    'storage.k8s.io/v1',
    [
      ['csidrivers', 'CSIDriver', 'cluster'],
      ['csinodes', 'CSINode', 'cluster'],
      ['storageclasses', 'StorageClass', 'cluster', { shortNames: ['sc'], singular: 'storageclass' }],
    ],
  ],
  [
    'admissionregistration.k8s.io/v1',
    [
      [
        'validatingadmissionpolicies',
        'ValidatingAdmissionPolicy',
        'cluster',
        { singular: 'validatingadmissionpolicy' },
      ],
      ['validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', 'cluster'],
    ],
  ],
  ['coordination.k8s.io/v1', [['leases', 'Lease', 'namespaced']]],
  [
    'rbac.authorization.k8s.io/v1',
    [
      ['roles', 'Role', 'namespaced'],
      ['rolebindings', 'RoleBinding', 'namespaced'],
      ['clusterroles', 'ClusterRole', 'cluster'],
      ['clusterrolebindings', 'ClusterRoleBinding', 'cluster'],
    ],
  ],
  [
    'authorization.k8s.io/v1',
    [
      ['selfsubjectaccessreviews', 'SelfSubjectAccessReview', 'cluster', review],
      ['selfsubjectrulesreviews', 'SelfSubjectRulesReview', 'cluster', review],
    ],
  ],
  ['authentication.k8s.io/v1', [['selfsubjectreviews', 'SelfSubjectReview', 'cluster', review]]],
  [
    'apiextensions.k8s.io/v1',
    [['customresourcedefinitions', 'CustomResourceDefinition', 'cluster', { ...status, shortNames: ['crd', 'crds'] }]],
  ],
  [
    'spire.spiffe.io/v1alpha1',
    [
      ['clusterspiffeids', 'ClusterSPIFFEID', 'cluster', status],
      ['clusterfederatedtrustdomains', 'ClusterFederatedTrustDomain', 'cluster', status],
      ['clusterstaticentries', 'ClusterStaticEntry', 'cluster', { ...status, singular: 'clusterstaticentry' }],
    ],
  ],
  [
    'haproxy-haptic.org/v1alpha1',
    [
      ['haproxytemplateconfigs', 'HAProxyTemplateConfig', 'namespaced', { ...status, shortNames: ['htplcfg'] }],
      ['haproxycfgs', 'HAProxyCfg', 'namespaced', { ...status, shortNames: ['hpcfg'] }],
      ['haproxymapfiles', 'HAProxyMapFile', 'namespaced', status],
      ['haproxygeneralfiles', 'HAProxyGeneralFile', 'namespaced', status],
      ['haproxycrtlistfiles', 'HAProxyCRTListFile', 'namespaced', status],
    ],
  ],
  [
    'cert-manager.io/v1',
    [
      ['certificates', 'Certificate', 'namespaced', { ...status, shortNames: ['cert', 'certs'] }],
      ['certificaterequests', 'CertificateRequest', 'namespaced', { ...status, shortNames: ['cr', 'crs'] }],
    ],
  ],
];

/** Groups whose kinds come from CustomResourceDefinitions. */
const CUSTOM_GROUPS = ['spire.spiffe.io', 'haproxy-haptic.org', 'cert-manager.io'];

/** Every resource that the testbed's API can serve, the core group first. */
export const KINDS: readonly ResourceKind[] = GROUPS.flatMap(([groupVersion, rows]) =>
  rows.map(([plural, kind, scope, extra]): ResourceKind => {
    const [group, version] = splitGroupVersion(groupVersion);
    const singular = kind.toLowerCase();
    const custom = CUSTOM_GROUPS.includes(group);
    const defaults = { shortNames: [], categories: [], subresources: [], storage: 'objects' } as const;
    return { ...defaults, group, version, plural, singular, kind, scope, custom, ...extra };
  }),
);

/** `apps/v1` or `v1`, as in `apiVersion`. */
export function apiVersionOf({ group, version }: Pick<ResourceKind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Group and version of an `apiVersion`. */
export function splitGroupVersion(apiVersion: string): readonly [group: string, version: string] {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? ['', first] : [first, second];
}

/** The resource in which objects of a kind are stored; `Event` is the core group's. Undefined: nobody serves it. */
export function resourceOfKind(kind: string): ResourceKind | undefined {
  return KINDS.find((candidate) => candidate.kind === kind);
}

function podSubresources(): readonly string[] {
  return ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'status'];
}
