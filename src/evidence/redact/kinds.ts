import { isObject, type Json } from '../json.ts';
import { haproxyCfg, selector, templateConfig } from './haptic-shape.ts';
import { metadata } from './metadata.ts';
import { conditions, podSpec, podStatus, podTemplate } from './pod-shape.ts';
import { fields, type Keep, list, map, type Place, scalar, text, texts } from './shape.ts';

const counts: Keep = (value, place) =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, count]): [string, Json][] =>
          typeof count === 'number' ? [[key.slice(0, 64), count]] : [],
        ),
      )
    : scalar(value, place);

const workloadStatus: Keep = (value, place) => {
  const numbers = counts(value, place);
  const rest = fields({ conditions })(value, place);
  return { ...(isObject(numbers) ? numbers : {}), ...(isObject(rest) ? rest : {}) };
};

function workload(kind: string): Keep {
  return fields({
    metadata: metadata(kind),
    spec: fields({
      replicas: scalar,
      paused: scalar,
      minReadySeconds: scalar,
      progressDeadlineSeconds: scalar,
      selector,
      strategy: fields({ type: text }),
      updateStrategy: fields({ type: text }),
      template: podTemplate,
    }),
    status: workloadStatus,
  });
}

const reference = fields({ kind: text, namespace: text, name: text, uid: text });
const addresses = list(fields({ ip: text, nodeName: text, targetRef: reference }));
const ports = list(fields({ name: text, port: scalar, targetPort: scalar, protocol: text, appProtocol: text }));

const ingressBackend = fields({ service: fields({ name: text, port: fields({ name: text, number: scalar }) }) });

const involved = fields({ kind: text, namespace: text, name: text, uid: text, fieldPath: text });

/** Names of what a Secret holds, and nothing of it. */
const keyNames: Keep = (value, place) => {
  place.note('credential');
  return map(() => '')(value, place);
};

/** What passes of each kind; objects of other kinds do not pass at all. ConfigMaps are dealt with apart. */
export const KINDS: Readonly<Record<string, Keep>> = {
  Pod: fields({ metadata: metadata('Pod'), spec: podSpec, status: podStatus }),
  Deployment: workload('Deployment'),
  DaemonSet: workload('DaemonSet'),
  StatefulSet: workload('StatefulSet'),
  ReplicaSet: workload('ReplicaSet'),
  Secret: fields({ metadata: metadata('Secret'), type: text, data: keyNames, stringData: keyNames }),
  Service: fields({
    metadata: metadata('Service'),
    spec: fields({
      type: text,
      selector: map(text),
      ports,
      externalName: text,
      clusterIP: text,
      publishNotReadyAddresses: scalar,
    }),
  }),
  Endpoints: fields({
    metadata: metadata('Endpoints'),
    subsets: list(fields({ addresses, notReadyAddresses: addresses, ports })),
  }),
  EndpointSlice: fields({
    metadata: metadata('EndpointSlice'),
    addressType: text,
    endpoints: list(fields({ targetRef: reference, nodeName: text, conditions: map(scalar) })),
    ports,
  }),
  Ingress: fields({
    metadata: metadata('Ingress'),
    spec: fields({
      ingressClassName: text,
      defaultBackend: ingressBackend,
      rules: list(
        fields({
          host: text,
          http: fields({ paths: list(fields({ path: text, pathType: text, backend: ingressBackend })) }),
        }),
      ),
      tls: list(fields({ hosts: texts, secretName: text })),
    }),
  }),
  IngressClass: fields({ metadata: metadata('IngressClass'), spec: fields({ controller: text }) }),
  Namespace: fields({ metadata: metadata('Namespace'), status: fields({ phase: text }) }),
  Node: fields({
    metadata: metadata('Node'),
    spec: fields({ unschedulable: scalar, taints: list(fields({ key: text, value: text, effect: text })) }),
    status: fields({
      conditions,
      nodeInfo: fields({ kubeletVersion: text, architecture: text, operatingSystem: text }),
    }),
  }),
  CSINode: fields({
    metadata: metadata('CSINode'),
    spec: fields({ drivers: list(fields({ name: text, nodeID: text })) }),
  }),
  CSIDriver: fields({
    metadata: metadata('CSIDriver'),
    spec: fields({
      attachRequired: scalar,
      podInfoOnMount: scalar,
      fsGroupPolicy: text,
      volumeLifecycleModes: texts,
      requiresRepublish: scalar,
    }),
  }),
  ClusterSPIFFEID: fields({
    metadata: metadata('ClusterSPIFFEID'),
    spec: fields({
      spiffeIDTemplate: text,
      podSelector: selector,
      namespaceSelector: selector,
      dnsNameTemplates: texts,
      workloadSelectorTemplates: texts,
      ttl: scalar,
      jwtTtl: scalar,
      federatesWith: texts,
      admin: scalar,
      downstream: scalar,
      autoPopulateDNSNames: scalar,
      className: text,
      fallback: scalar,
      hint: text,
    }),
    status: fields({ stats: map(scalar) }),
  }),
  Event: fields({
    metadata: metadata('Event'),
    involvedObject: involved,
    regarding: involved,
    reason: text,
    message: text,
    note: text,
    type: text,
    count: scalar,
    firstTimestamp: text,
    lastTimestamp: text,
    eventTime: text,
    series: fields({ count: scalar, lastObservedTime: text }),
    source: fields({ component: text }),
    reportingController: text,
  }),
  ResourceQuota: fields({
    metadata: metadata('ResourceQuota'),
    spec: fields({ hard: map(scalar) }),
    status: fields({ hard: map(scalar), used: map(scalar) }),
  }),
  HAProxyTemplateConfig: templateConfig,
  HAProxyTemplateLibrary: templateConfig,
  HAProxyCfg: haproxyCfg,
};

/** Type meta passes for every kind that passes. */
export function withTypeMeta(
  object: { readonly apiVersion?: Json; readonly kind?: Json },
  kept: Json | undefined,
  place: Place,
): Json {
  const head = fields({ apiVersion: text, kind: text })({ apiVersion: object.apiVersion, kind: object.kind }, place);
  return { ...(isObject(head) ? head : {}), ...(isObject(kept) ? kept : {}) };
}
