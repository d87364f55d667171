import { describe, expect, it } from 'vitest';
import { dig, listAt, objectAt } from '../../src/evidence/json.ts';
import { viewPod } from '../../src/evidence/view-pod.ts';
import { nameOf } from '../../src/evidence/world.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';
import type { EditableObject } from '../scenario/field-edit.ts';
import { iso, moment } from '../scenario/moments.ts';
import { judgeInstallation } from './installation.ts';
import { checksIn, standing } from './manifests.ts';

const HAPROXY = 'Deployment haptic/haptic-haproxy';
const LABELS = {
  'app.kubernetes.io/name': 'haptic',
  'app.kubernetes.io/instance': 'haptic',
  'app.kubernetes.io/component': 'loadbalancer',
};

function podOf(
  name: string,
  replicaSet: string,
  more: { spec?: EditableObject; status: EditableObject; created?: string },
): EditableObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'haptic',
      uid: `uid-${name}`,
      creationTimestamp: iso(moment(more.created ?? '-2h')),
      labels: { ...LABELS, 'pod-template-hash': replicaSet.split('-').at(-1) ?? '' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, controller: true }],
    },
    spec: {
      nodeName: 'node-a',
      securityContext: { runAsUser: 99, runAsGroup: 99, fsGroup: 99 },
      containers: [
        {
          name: 'haproxy',
          image: 'haproxytech/haproxy-debian:3.2',
          command: ['sh', '-c'],
          args: ['exec haproxy -W -db -S /etc/haproxy/haproxy-master.sock,level,admin -f /etc/haproxy/haproxy.cfg'],
        },
        {
          name: 'spiffe-helper',
          image: 'ghcr.io/spiffe/spiffe-helper:v0.11.0',
          args: ['-config', '/etc/spiffe-helper/helper.conf'],
        },
      ],
      ...more.spec,
    },
    status: more.status,
  };
}

/** A release of HAPTIC that has nothing of SPIFFE. */
function plainRelease(namespace: string, instance: string): readonly Change[] {
  const labels = { ...LABELS, 'app.kubernetes.io/instance': instance };
  const workload = (name: string, component: string, containers: EditableObject[]): Change => ({
    add: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { ...labels, 'app.kubernetes.io/component': component } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { ...labels, 'app.kubernetes.io/component': component } },
        template: {
          metadata: { labels: { ...labels, 'app.kubernetes.io/component': component } },
          spec: { securityContext: { runAsUser: 99 }, containers },
        },
      },
    },
  });
  return [
    workload(`${instance}-haproxy`, 'loadbalancer', [
      {
        name: 'haproxy',
        image: 'haproxytech/haproxy-debian:3.2',
        command: ['sh', '-c'],
        args: ['exec haproxy -W -db -S /etc/haproxy/haproxy-master.sock,level,admin -f /etc/haproxy/haproxy.cfg'],
      },
      {
        name: 'dataplane',
        image: 'haproxytech/haproxy-debian:3.2',
        command: ['sh', '-c'],
        args: ['exec /usr/local/bin/dataplaneapi'],
      },
    ]),
    workload(`${instance}-controller`, 'controller', [
      {
        name: 'controller',
        image: 'registry.example.net/haptic:0.1.2',
        command: ['/usr/local/bin/haptic-controller'],
        args: ['run'],
      },
    ]),
  ];
}

/** Its own HAProxyTemplateConfig, which watches another class and has no snippet. */
function plainConfig(namespace: string, instance: string): Change {
  return {
    add: {
      apiVersion: 'haproxy-haptic.org/v1alpha1',
      kind: 'HAProxyTemplateConfig',
      metadata: { name: `${instance}-config`, namespace, labels: { 'app.kubernetes.io/instance': instance } },
      spec: {
        podSelector: {
          matchLabels: { 'app.kubernetes.io/component': 'loadbalancer', 'app.kubernetes.io/instance': instance },
        },
        watchedResources: {
          ingresses: {
            apiVersion: 'networking.k8s.io/v1',
            resources: 'ingresses',
            fieldSelector: 'spec.ingressClassName=plain',
          },
        },
        templateSnippets: {},
      },
    },
  };
}

const prober = (path: string) =>
  JSON.stringify({
    [`/app-health/spiffe-helper/${path}z`]: {
      httpGet: { path: `/${path}`, port: 8081, scheme: 'HTTP' },
      timeoutSeconds: 1,
    },
  });
const ISTIO: readonly Change[] = [
  {
    object: HAPROXY,
    set: {
      at: 'spec.template.spec.containers[2].livenessProbe.httpGet',
      to: { path: '/app-health/spiffe-helper/livez', port: 15_020, scheme: 'HTTP' },
    },
  },
  {
    object: HAPROXY,
    set: {
      at: 'spec.template.spec.containers[2].readinessProbe.httpGet',
      to: { path: '/app-health/spiffe-helper/readyz', port: 15_020, scheme: 'HTTP' },
    },
  },
  {
    object: HAPROXY,
    set: {
      at: 'spec.template.spec.containers[4]',
      to: {
        name: 'istio-proxy',
        image: 'docker.io/istio/proxyv2:1.27.0',
        args: ['proxy', 'sidecar'],
        env: [
          { name: 'ISTIO_KUBE_APP_PROBERS', value: `${prober('live').slice(0, -1)},${prober('ready').slice(1)}` },
          { name: 'ISTIO_META_SECRET', value: 'hush' },
        ],
        volumeMounts: [{ name: 'workload-socket', mountPath: '/run/secrets/workload-spiffe-uds', readOnly: true }],
      },
    },
  },
  {
    object: HAPROXY,
    set: {
      at: 'spec.template.spec.volumes[3]',
      to: { name: 'workload-socket', csi: { driver: 'csi.spiffe.io', readOnly: true } },
    },
  },
];

const FAILED: EditableObject = {
  phase: 'Failed',
  reason: 'Evicted',
  message: 'The node was low on resource: memory.',
  containerStatuses: [],
};

const SILENT: Readonly<Record<string, readonly Change[]>> = {
  'pods that were evicted or have ended': [
    { add: podOf('haptic-haproxy-old', 'haptic-haproxy-7c9d4f', { status: FAILED }) },
    {
      add: podOf('haptic-haproxy-done', 'haptic-haproxy-7c9d4f', {
        status: { phase: 'Succeeded', containerStatuses: [] },
      }),
    },
  ],
  'a second release without mTLS in its own namespace': [
    ...plainRelease('plain', 'plain'),
    plainConfig('plain', 'plain'),
  ],
  'a second release without mTLS in the same namespace': [
    ...plainRelease('haptic', 'plain'),
    plainConfig('haptic', 'plain'),
  ],
  'a second release without mTLS and without a configuration of its own': plainRelease('haptic', 'plain'),
  'labels of objects that Argo CD has rewritten': [
    'Deployment haptic/haptic-haproxy',
    'ConfigMap haptic/haptic-spiffe-helper-config',
    'HAProxyTemplateConfig haptic/haptic-config',
  ].map((object) => ({
    object,
    set: {
      at: 'metadata.labels',
      to: { 'app.kubernetes.io/instance': 'argo-ingress', 'argocd.argoproj.io/instance': 'argo-ingress' },
    },
  })),
  "Istio's sidecar with the probes it moved": ISTIO,
  'a backend scaled to zero': [
    { object: 'Deployment shop/api', set: { at: 'spec.replicas', to: 0 } },
    {
      object: 'HAProxyCfg haptic/haptic-config-haproxycfg',
      replace: { at: 'spec.content', from: '    server SRV_1 10.0.1.7:8443\n', to: '' },
    },
  ],
  'a node that is not ready': [
    {
      object: 'Node node-b',
      set: { at: 'status.conditions', to: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] },
    },
    { disk: { pod: 'haptic-haproxy-1', absent: ['svid', 'key', 'bundle'] } },
  ],
  'a second release without mTLS, neither of whose labels name the configuration': [
    ...plainRelease('haptic', 'plain'),
    {
      object: 'HAProxyTemplateConfig haptic/haptic-config',
      set: { at: 'metadata.labels', to: { 'app.kubernetes.io/instance': 'argo-ingress' } },
    },
  ],
  'an image by digest only whose process runs': [
    {
      object: HAPROXY,
      set: {
        at: 'spec.template.spec.containers[2].image',
        to: `mirror.example.net:5000/spiffe-helper@sha256:${'cd'.repeat(32)}`,
      },
    },
  ],
  'an Ingress that asks for no mTLS': [{ object: 'Ingress shop/api', set: { at: 'metadata.annotations', to: {} } }],
  'two authorities in the bundle while SPIRE changes its own': [{ bundle: { roots: ['spire', 'other'] } }],
  'a rotation seconds ago that the reloader has not seen yet': [
    { svid: { where: 'disk', notBefore: '-5s', notAfter: '59m' } },
  ],
  'lifetimes of five minutes': [{ svid: { notBefore: '-2m', notAfter: '3m' } }],
};

describe('a healthy installation in another form', () => {
  it.each(Object.entries(SILENT))('with %s has nothing at fail or warn', async (_name, changes) => {
    const report = await judgeInstallation(changes);
    expect(standing(report)).toEqual([]);
    expect(checksIn(report, 'fail', 'warn', 'blocked', 'crashed')).toEqual([]);
    expect(report.exitCode).not.toBe(1);
  });

  it('has no result for pods that are gone, and says so', async () => {
    const report = await judgeInstallation(SILENT['pods that were evicted or have ended'] ?? []);
    expect(new Set(report.results.map(({ subject }) => subject.name))).not.toContain('haptic-haproxy-old');
    expect(report.metadata.notes.join(' ')).toMatch(/2 ended or terminating pod/);
    expect([report.verdict, report.exitCode]).toEqual(['healthy', 0]);
  });

  it('skips the pods of a node that is not ready and judges the others', async () => {
    const report = await judgeInstallation(SILENT['a node that is not ready'] ?? []);
    const states = (pod: string) =>
      new Set(report.results.filter(({ subject }) => subject.name === pod).map(({ state, why }) => `${state} ${why}`));
    expect(states('haptic-haproxy-1')).toEqual(new Set(['skipped node-not-ready']));
    expect(states('haptic-haproxy-0')).toEqual(new Set(['ok null']));
    expect(report.exitCode).toBe(0);
  });

  it.each([
    'a second release without mTLS in its own namespace',
    'a second release without mTLS in the same namespace',
    'a second release without mTLS and without a configuration of its own',
    'a second release without mTLS, neither of whose labels name the configuration',
  ])('skips the pods of %s with the reason', async (name) => {
    const report = await judgeInstallation(SILENT[name] ?? []);
    const plain = report.results.filter(({ subject }) => subject.name.startsWith('plain-'));
    expect(plain.length).toBeGreaterThan(0);
    expect(new Set(plain.map(({ state, why }) => `${state} ${why}`))).toEqual(new Set(['skipped no-mtls-intent']));
    expect([report.verdict, report.exitCode]).toEqual(['healthy', 0]);
  });

  it('calls what rotates unknown until it has had its time', async () => {
    const report = await judgeInstallation(SILENT['a rotation seconds ago that the reloader has not seen yet'] ?? []);
    expect(
      new Set(
        report.results.filter(({ state }) => state !== 'ok').map(({ check, state, why }) => `${check} ${state} ${why}`),
      ),
    ).toEqual(new Set(['cert-loaded unknown rotating']));
  });
});

describe('probes that Istio moved', () => {
  it('pass the gate in the form that is read back, and nothing else of the variables does', async () => {
    const snapshot = await buildCase({ source: 'live', complete: true, change: ISTIO });
    const pod = snapshot.objects.find(({ object }) => nameOf(object) === 'haptic-haproxy-0')?.object;
    const proxy = listAt(dig(pod, 'spec', 'containers'))
      .map(objectAt)
      .find(({ name }) => name === 'istio-proxy');
    expect(proxy?.env).toEqual([
      {
        name: 'ISTIO_KUBE_APP_PROBERS',
        probers: {
          '/app-health/spiffe-helper/livez': { path: '/live', port: 8081 },
          '/app-health/spiffe-helper/readyz': { path: '/ready', port: 8081 },
        },
      },
      { name: 'ISTIO_META_SECRET' },
    ]);
    const view =
      pod && viewPod({ object: pod, at: snapshot.observedAt }).containers.find(({ role }) => role === 'spiffe-helper');
    expect(view?.probes.map(({ kind, path, port, rewrittenByIstio }) => [kind, path, port, rewrittenByIstio])).toEqual([
      ['liveness', '/live', 8081, true],
      ['readiness', '/ready', 8081, true],
    ]);
    expect(JSON.stringify(snapshot)).not.toContain('hush');
  });

  it('are compared with the listener as their author wrote them', async () => {
    const wrong = ISTIO.map(
      (change) =>
        JSON.parse(
          JSON.stringify(change)
            .replaceAll('\\\\\\"path\\\\\\":\\\\\\"/live', '\\\\\\"path\\\\\\":\\\\\\"/alive')
            .replaceAll('"port\\":8081', '"port\\":8082'),
        ) as Change,
    );
    const report = await judgeInstallation(wrong);
    expect(standing(report)).toEqual(['helper-config-syntax/probe-mismatch']);
  });
});

describe('a roll-out in progress', () => {
  const next: EditableObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: 'haptic-haproxy-8d0e5a',
      namespace: 'haptic',
      creationTimestamp: iso(moment('-20s')),
      annotations: { 'deployment.kubernetes.io/revision': '2' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'haptic-haproxy', controller: true }],
    },
    spec: { replicas: 1 },
    status: { replicas: 1, readyReplicas: 0 },
  };
  const creating = (name: string) => ({
    name,
    ready: false,
    restartCount: 0,
    image: '',
    imageID: '',
    state: { waiting: { reason: 'ContainerCreating' } },
  });

  it('accuses no pod that is only just being created', async () => {
    const pod = podOf('haptic-haproxy-new', 'haptic-haproxy-8d0e5a', {
      created: '-15s',
      status: {
        phase: 'Pending',
        startTime: iso(moment('-15s')),
        conditions: [],
        containerStatuses: [creating('haproxy'), creating('spiffe-helper')],
      },
    });
    const report = await judgeInstallation([{ add: next }, { add: withTemplateOfOthers(pod) }]);
    expect(standing(report)).toEqual([]);
    expect(
      new Set(report.results.filter(({ subject }) => subject.name === 'haptic-haproxy-new').map(({ state }) => state)),
    ).not.toContain('fail');
    expect([report.verdict, report.exitCode]).toEqual(['inconclusive', 2]);
  });
});

/** The new pod is like those that run. */
function withTemplateOfOthers(pod: EditableObject): EditableObject {
  const text = JSON.stringify(pod).replaceAll('spiffe-helper:v0.11.0', 'spiffe-helper:0.11.0');
  const copy = JSON.parse(text) as EditableObject & {
    spec: { containers: EditableObject[]; volumes: EditableObject[]; initContainers: EditableObject[] };
  };
  copy.spec.initContainers = [
    {
      name: 'create-spiffe-dir',
      image: 'busybox:1.37',
      command: ['mkdir', '-p', '/etc/haproxy/spiffe'],
      volumeMounts: [{ name: 'haproxy-runtime', mountPath: '/etc/haproxy' }],
    },
  ];
  copy.spec.volumes = [
    { name: 'haproxy-runtime', emptyDir: {} },
    { name: 'spiffe-workload-api', csi: { driver: 'csi.spiffe.io', readOnly: true } },
    { name: 'spiffe-helper-config', configMap: { name: 'haptic-spiffe-helper-config' } },
  ];
  const [haproxy = {}, helper = {}] = copy.spec.containers;
  const runtime = { name: 'haproxy-runtime', mountPath: '/etc/haproxy' };
  haproxy.volumeMounts = [runtime];
  helper.volumeMounts = [
    runtime,
    { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api', readOnly: true },
    { name: 'spiffe-helper-config', mountPath: '/etc/spiffe-helper', readOnly: true },
  ];
  copy.spec.containers.push({
    name: 'cert-reloader',
    image: 'haproxytech/haproxy-debian:3.2',
    command: ['sh', '-c'],
    args: [
      'while sleep 5; do echo "@1 set ssl cert /etc/haproxy/spiffe/svid.pem" | socat - unix-connect:/etc/haproxy/haproxy-master.sock; done',
    ],
    volumeMounts: [runtime],
  });
  return copy;
}
