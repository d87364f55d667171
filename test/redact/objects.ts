import type { JsonObject } from '../../src/evidence/json.ts';

/** One object of every kind that passes the gate, with every field that facts read and some that they don't. `secret` stands everywhere. */
export function everythingHolding(secret: string): readonly JsonObject[] {
  const s = secret;
  const metadata = {
    name: s,
    namespace: 'haptic',
    uid: s,
    labels: { app: s, [s]: 'x' },
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': s,
      'meta.helm.sh/release-name': s,
      'example.com/server-mtls-spire': s,
      'haproxy.org/server-ssl': s,
      'example.com/free-text': s,
      [s]: 'true',
    },
    managedFields: [
      { manager: s, operation: 'Update', time: s, fieldsV1: { 'f:data': { [`f:${s}`]: {} }, 'f:metadata': { s } } },
    ],
    ownerReferences: [{ kind: s, name: s, uid: s }],
  };
  const container = {
    name: s,
    image: `haproxy/${s}`,
    command: ['sh', '-c', s],
    args: [s, `prefix ${s} suffix`, '--token', s],
    env: [
      { name: 'PASSWORD', value: s },
      { name: 'SPIFFE_ENDPOINT_SOCKET', value: s },
      {
        name: 'ISTIO_KUBE_APP_PROBERS',
        value: JSON.stringify({ [`/app-health/${s}`]: { httpGet: { path: s, port: s } } }),
      },
      { name: s, valueFrom: { secretKeyRef: { name: s, key: s } } },
    ],
    volumeMounts: [{ name: s, mountPath: s, subPath: s }],
    ports: [{ name: s, containerPort: 1 }],
    livenessProbe: {
      httpGet: { path: s, port: s, httpHeaders: [{ name: 'Authorization', value: s }] },
      exec: { command: [s] },
    },
    resources: { limits: { memory: s } },
    lifecycle: { preStop: { exec: { command: [s] } } },
  };
  const spec = {
    containers: [container],
    initContainers: [container],
    ephemeralContainers: [container],
    volumes: [
      { name: s, configMap: { name: s, items: [{ key: s, path: s }] } },
      { name: s, csi: { driver: s, volumeAttributes: { [s]: s }, nodePublishSecretRef: { name: s } } },
      { name: s, secret: { secretName: s } },
      { name: s, hostPath: { path: s } },
      { name: s, projected: { sources: [s] } },
    ],
    serviceAccountName: s,
    nodeName: s,
    imagePullSecrets: [{ name: s }],
  };
  const conditions = [{ type: s, status: s, reason: s, message: s, lastTransitionTime: s }];
  const state = { waiting: { reason: s, message: s }, terminated: { reason: s, message: s } };
  const statuses = [{ name: s, image: s, imageID: s, state, lastState: state }];
  const template = { metadata, spec };
  const selector = { matchLabels: { app: s }, matchExpressions: [{ key: s, operator: 'In', values: [s] }] };
  const addresses = [{ ip: s, nodeName: s, hostname: s, targetRef: { kind: 'Pod', name: s, uid: s } }];
  const backend = { service: { name: s, port: { name: s } } };
  const workload = { metadata, spec: { selector, template }, status: { conditions, note: s } };
  const config = [
    'global',
    `    stats socket ${s}`,
    'userlist u',
    `    user admin password ${s}`,
    'backend b',
    `    http-request set-header X ${s}`,
    `    server s 10.0.0.1:1 ssl crt ${s} sni str(${s}) # ${s}`,
    s,
  ].join('\n');
  return [
    {
      kind: 'Pod',
      metadata,
      spec,
      status: { phase: s, message: s, conditions, containerStatuses: statuses, initContainerStatuses: statuses },
    },
    { kind: 'Deployment', ...workload },
    { kind: 'DaemonSet', ...workload },
    { kind: 'StatefulSet', ...workload },
    { kind: 'ReplicaSet', ...workload },
    {
      kind: 'ConfigMap',
      metadata,
      data: {
        'svid.pem': s,
        'helper.conf': `cert_dir = "/x"\nhint = "${s}"\npassword = "${s}"\n# ${s}\n${s}`,
        'agent.conf': `{"agent":{"trust_domain":"${s}","socket_path":"${s}"}}`,
        'controller-manager-config.yaml': `trustDomain: "${s}"\nclassName: ${s}`,
        [s]: s,
        other: { s },
      },
      binaryData: { blob: Buffer.from(s).toString('base64'), raw: s },
    },
    {
      kind: 'Secret',
      metadata,
      type: s,
      data: { [s]: s, 'tls.key': Buffer.from(s).toString('base64') },
      stringData: { password: s },
    },
    {
      kind: 'Service',
      metadata,
      spec: {
        type: s,
        selector: { app: s },
        ports: [{ name: s, port: 1, targetPort: s }],
        externalName: s,
        clusterIP: s,
      },
    },
    {
      kind: 'Endpoints',
      metadata,
      subsets: [{ addresses, notReadyAddresses: addresses, ports: [{ name: s, port: 1 }] }],
    },
    { kind: 'EndpointSlice', metadata, endpoints: addresses, ports: [{ name: s }] },
    {
      kind: 'Ingress',
      metadata,
      spec: {
        ingressClassName: s,
        defaultBackend: backend,
        rules: [{ host: s, http: { paths: [{ path: s, backend }] } }],
        tls: [{ hosts: [s], secretName: s }],
      },
    },
    { kind: 'IngressClass', metadata, spec: { controller: s, parameters: { name: s } } },
    { kind: 'Namespace', metadata },
    {
      kind: 'Node',
      metadata,
      spec: { taints: [{ key: s, value: s }] },
      status: { conditions, nodeInfo: { kubeletVersion: s } },
    },
    { kind: 'CSINode', metadata, spec: { drivers: [{ name: s, nodeID: s }] } },
    { kind: 'CSIDriver', metadata, spec: { fsGroupPolicy: s, tokenRequests: [{ audience: s }] } },
    {
      kind: 'ClusterSPIFFEID',
      metadata,
      spec: { spiffeIDTemplate: s, podSelector: selector, dnsNameTemplates: [s], ttl: s, hint: s },
      status: { stats: { [s]: s } },
    },
    { kind: 'Event', metadata, involvedObject: { kind: 'Pod', name: s }, reason: s, message: s, note: s },
    { kind: 'ResourceQuota', metadata, spec: { hard: { [s]: s } }, status: { used: { pods: s } } },
    {
      kind: 'HAProxyTemplateConfig',
      metadata,
      spec: {
        watchedResources: { [s]: { fieldSelector: s } },
        templateSnippets: {
          'backend-directives-x': { template: `crt /a ca-file /b ${s}` },
          [s]: { template: `mtls ${s}` },
        },
        haproxyConfig: { template: config },
      },
      status: { validationMessage: s, validationErrors: [s, { message: s }] },
    },
    {
      kind: 'HAProxyCfg',
      metadata,
      spec: { path: s, content: config, checksum: s },
      status: { validationError: s, deployedToPods: [{ podName: s, lastError: s }] },
    },
    { kind: 'HAProxyCfg', metadata, spec: { content: s, compressed: true } },
    { kind: s, metadata, data: s },
    { kind: 'ServiceAccount', metadata, secrets: [s] },
  ];
}
