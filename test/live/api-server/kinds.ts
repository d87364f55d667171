/** Where the API serves a kind; written down apart from the program, so that a wrong path there is noticed here. */
export const SERVED: Readonly<Record<string, string>> = {
  Pod: '/api/v1/pods',
  Service: '/api/v1/services',
  Endpoints: '/api/v1/endpoints',
  ConfigMap: '/api/v1/configmaps',
  Secret: '/api/v1/secrets',
  Event: '/api/v1/events',
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  Deployment: '/apis/apps/v1/deployments',
  DaemonSet: '/apis/apps/v1/daemonsets',
  StatefulSet: '/apis/apps/v1/statefulsets',
  ReplicaSet: '/apis/apps/v1/replicasets',
  Ingress: '/apis/networking.k8s.io/v1/ingresses',
  CSIDriver: '/apis/storage.k8s.io/v1/csidrivers',
  CSINode: '/apis/storage.k8s.io/v1/csinodes',
  ClusterSPIFFEID: '/apis/spire.spiffe.io/v1alpha1/clusterspiffeids',
  HAProxyTemplateConfig: '/apis/haproxy-haptic.org/v1alpha1/haproxytemplateconfigs',
  HAProxyCfg: '/apis/haproxy-haptic.org/v1alpha1/haproxycfgs',
};

/** A path of the API taken apart. */
export interface ApiPath {
  /** As in `SERVED`. */
  readonly collection: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

const PATH =
  /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** Undefined for what the server does not serve. */
export function parsePath(path: string): ApiPath | undefined {
  const [, root = '', namespace, plural = '', name, subresource] = PATH.exec(path) ?? [];
  const collection = `${root}/${plural}`;
  const kind = Object.keys(SERVED).find((candidate) => SERVED[candidate] === collection);
  if (kind === undefined) return undefined;
  return {
    collection,
    kind,
    ...(namespace === undefined ? {} : { namespace: decodeURIComponent(namespace) }),
    ...(name === undefined ? {} : { name: decodeURIComponent(name) }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
