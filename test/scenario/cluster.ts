import { type Editable, type EditableObject, readField } from './field-edit.ts';
import { iso, moment } from './moments.ts';

const CREATED = iso(moment('-2h'));
const STARTED = iso(moment('-119m'));

/** What a cluster adds to what was applied: pods and their makers, nodes, endpoints, status. */
export function liveObjects(applied: readonly EditableObject[]): EditableObject[] {
  const derived: EditableObject[] = [];
  for (const node of ['node-a', 'node-b']) {
    derived.push({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    derived.push({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: node },
      spec: { drivers: [{ name: 'csi.spiffe.io', nodeID: node }] },
    });
  }
  for (const workload of applied) {
    const kind = text(workload.kind);
    if (kind === 'Deployment') derived.push(...deploymentPods(workload));
    if (kind === 'DaemonSet' || kind === 'StatefulSet') derived.push(...ownedPods(workload, kind));
  }
  for (const service of applied.filter(({ kind }) => kind === 'Service')) derived.push(endpointsOf(service, derived));
  return derived;
}

/** ClusterSPIFFEIDs get a status from their controller only when their class is watched. */
export function withStatus(object: EditableObject): EditableObject {
  const isManaged = (entry: EditableObject) => text(readField(entry, 'spec.className')) === 'spire-server-spire';
  if (object.kind === 'ClusterSPIFFEID' && object.status === undefined && isManaged(object)) {
    const stats = {
      namespacesSelected: 3,
      namespacesIgnored: 0,
      podsSelected: 5,
      podEntryRenderFailures: 0,
      entriesMasked: 0,
      entriesToSet: 5,
      entryFailures: 0,
    };
    return { ...object, status: { stats } };
  }
  if (object.kind === 'HAProxyTemplateConfig' && object.status === undefined) {
    return { ...object, status: { validationStatus: 'Valid', observedGeneration: 1 } };
  }
  return object;
}

/** haproxy.cfg as HAPTIC renders it for the base, in the object that publishes it. */
export function renderedConfig(): EditableObject {
  const content = [
    'global',
    '    daemon',
    '    crt-base /etc/haproxy/ssl',
    'defaults',
    '    mode http',
    'frontend http_frontend',
    '    bind *:8080',
    'frontend https_frontend',
    '    bind *:8443',
    'frontend status',
    '    bind *:8404',
    'backend shop_api_svc_api_https',
    '    default-server check ssl verify required ca-file /etc/haproxy/spiffe/bundle.pem crt /etc/haproxy/spiffe/svid.pem sni str(api.shop.svc)',
    '    server SRV_1 10.0.1.7:8443',
    '',
  ].join('\n');
  const deployed = (podName: string) => ({
    podName,
    checksum: 'sha256:5b1c',
    deployedAt: iso(moment('-30m')),
    consecutiveErrors: 0,
  });
  return {
    apiVersion: 'haproxy-haptic.org/v1alpha1',
    kind: 'HAProxyCfg',
    metadata: { name: 'haptic-config-haproxycfg', namespace: 'haptic', creationTimestamp: CREATED },
    spec: { path: '/etc/haproxy/haproxy.cfg', content, checksum: 'sha256:5b1c', compressed: false },
    status: {
      metadata: { validatedAt: iso(moment('-30m')), renderedAt: iso(moment('-30m')) },
      deployedToPods: [deployed('haptic-haproxy-0'), deployed('haptic-haproxy-1')],
    },
  };
}

function deploymentPods(deployment: EditableObject): EditableObject[] {
  const name = text(readField(deployment, 'metadata.name'));
  const namespace = text(readField(deployment, 'metadata.namespace'));
  const replicas = Number(readField(deployment, 'spec.replicas') ?? 1);
  const hash = '7c9d4f';
  const replicaSet: EditableObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      creationTimestamp: CREATED,
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, controller: true }],
    },
    spec: { replicas },
    status: { replicas, readyReplicas: replicas },
  };
  const pods = Array.from({ length: replicas }, (_, index) =>
    podOf(
      deployment,
      `${name}-${index}`,
      index % 2 === 0 ? 'node-a' : 'node-b',
      { kind: 'ReplicaSet', name: `${name}-${hash}` },
      { 'pod-template-hash': hash },
    ),
  );
  return [replicaSet, ...pods];
}

function ownedPods(workload: EditableObject, kind: 'DaemonSet' | 'StatefulSet'): EditableObject[] {
  const name = text(readField(workload, 'metadata.name'));
  const places: readonly (readonly [string, string])[] =
    kind === 'DaemonSet'
      ? [
          [`${name}-a`, 'node-a'],
          [`${name}-b`, 'node-b'],
        ]
      : [[`${name}-0`, 'node-a']];
  return places.map(([pod, node]) => podOf(workload, pod, node, { kind, name }, {}));
}

function podOf(
  workload: EditableObject,
  name: string,
  nodeName: string,
  owner: { kind: string; name: string },
  labels: EditableObject,
): EditableObject {
  const template = structuredClone(readField(workload, 'spec.template') ?? {}) as EditableObject;
  const spec = template.spec as EditableObject;
  const statusOf = (state: EditableObject) => (container: Editable) => ({
    name: text(readField(container, 'name')),
    ready: true,
    restartCount: 0,
    image: text(readField(container, 'image')),
    imageID: `${text(readField(container, 'image'))}@sha256:0`,
    state,
  });
  const list = (key: string) => (Array.isArray(spec[key]) ? spec[key] : []);
  const running: EditableObject = { running: { startedAt: STARTED } };
  const done: EditableObject = {
    terminated: { reason: 'Completed', exitCode: 0, startedAt: CREATED, finishedAt: STARTED },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: text(readField(workload, 'metadata.namespace')),
      uid: `uid-${name}`,
      creationTimestamp: CREATED,
      labels: { ...(readField(template, 'metadata.labels') as EditableObject), ...labels },
      annotations: (readField(template, 'metadata.annotations') ?? {}) as EditableObject,
      ownerReferences: [{ apiVersion: 'apps/v1', ...owner, controller: true }],
    },
    spec: { ...spec, nodeName },
    status: {
      phase: 'Running',
      startTime: CREATED,
      podIP: '10.0.1.7',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: STARTED }],
      initContainerStatuses: list('initContainers').map((container) =>
        statusOf(readField(container, 'restartPolicy') === 'Always' ? running : done)(container),
      ),
      containerStatuses: list('containers').map(statusOf(running)),
    },
  };
}

function endpointsOf(service: EditableObject, derived: readonly EditableObject[]): EditableObject {
  const namespace = text(readField(service, 'metadata.namespace'));
  const selector = Object.entries((readField(service, 'spec.selector') ?? {}) as EditableObject);
  const pods = derived.filter(
    (object) =>
      object.kind === 'Pod' &&
      readField(object, 'metadata.namespace') === namespace &&
      selector.length > 0 &&
      selector.every(([key, value]) => ((readField(object, 'metadata.labels') ?? {}) as EditableObject)[key] === value),
  );
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: text(readField(service, 'metadata.name')), namespace },
    subsets: [
      {
        addresses: pods.map((pod) => ({
          ip: '10.0.1.7',
          targetRef: {
            kind: 'Pod',
            namespace,
            name: text(readField(pod, 'metadata.name')),
            uid: text(readField(pod, 'metadata.uid')),
          },
        })),
        ports: [{ name: 'https', port: 8443 }],
      },
    ],
  };
}

function text(value: Editable | undefined): string {
  return typeof value === 'string' ? value : '';
}
