import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';
import type { Editable, EditableObject } from '../scenario/field-edit.ts';
import { judgeInstallation } from './installation.ts';
import { checksIn, standing } from './manifests.ts';

const HAPROXY = 'Deployment haptic/haptic-haproxy';
const HELPER_CONFIG = 'ConfigMap haptic/haptic-spiffe-helper-config';

function template(at: string, to?: Editable): Change {
  return {
    object: HAPROXY,
    set: to === undefined ? { at: `spec.template.spec.${at}` } : { at: `spec.template.spec.${at}`, to },
  };
}

function config(from: string, to: string): Change {
  return { object: HELPER_CONFIG, replace: { at: 'data["helper.conf"]', from, to } };
}

/** OpenShift gives every container of a namespace one UID of its range, and the pod its group. */
function asUser(uid: number): readonly Change[] {
  return [
    template('securityContext', { runAsNonRoot: true, runAsUser: uid, fsGroup: uid }),
    ...['initContainers[0]', 'containers[2]', 'containers[3]'].map((container) =>
      template(`${container}.securityContext.runAsUser`, uid),
    ),
    { memory: { reader: { uid, gid: 0, groups: [uid] } } },
    ...['svid.pem', 'svid.pem.key', 'bundle.pem'].map(
      (name): Change => ({ stat: { path: `/etc/haproxy/spiffe/${name}`, uid, gid: uid } }),
    ),
  ];
}

const HEALTH = `health_checks {
  listener_enabled = true
  bind_port = "8081"
  liveness_path = "/live"
  readiness_path = "/ready"
}
`;

const NATIVE_HELPER: EditableObject = {
  name: 'spiffe-helper',
  restartPolicy: 'Always',
  image: 'ghcr.io/spiffe/spiffe-helper:0.11.0',
  args: ['-config', '/etc/spiffe-helper/helper.conf'],
  livenessProbe: { httpGet: { path: '/live', port: 8081 } },
  readinessProbe: { httpGet: { path: '/ready', port: 8081 } },
  securityContext: { runAsUser: 99, runAsNonRoot: true },
  volumeMounts: [
    { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api', readOnly: true },
    { name: 'haproxy-runtime', mountPath: '/etc/haproxy' },
    { name: 'spiffe-helper-config', mountPath: '/etc/spiffe-helper', readOnly: true },
  ],
};

/** A nested SPIRE beside the first one: its own agents, its own driver, another directory of the node. */
function secondSpire(name: string, driver: string, directory: string, socket: string): readonly Change[] {
  const labels = { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': name };
  const daemonSet = (suffix: string, spec: EditableObject): Change => ({
    add: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: `${name}-${suffix}`, namespace: name, labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  });
  return [
    daemonSet('agent', {
      containers: [
        {
          name: 'spire-agent',
          image: 'ghcr.io/spiffe/spire-agent:1.15.3',
          args: ['-config', '/opt/spire/conf/agent/agent.conf'],
          volumeMounts: [
            { name: 'spire-config', mountPath: '/opt/spire/conf/agent' },
            { name: 'sockets', mountPath: '/sockets' },
          ],
        },
      ],
      volumes: [
        { name: 'spire-config', configMap: { name: `${name}-agent` } },
        { name: 'sockets', hostPath: { path: directory } },
      ],
    }),
    daemonSet('csi', {
      containers: [
        {
          name: 'spiffe-csi-driver',
          image: 'ghcr.io/spiffe/spiffe-csi-driver:0.2.7',
          args: ['-workload-api-socket-dir', '/sockets', '-plugin-name', driver],
          volumeMounts: [{ name: 'sockets', mountPath: '/sockets' }],
        },
      ],
      volumes: [{ name: 'sockets', hostPath: { path: directory } }],
    }),
    {
      add: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${name}-agent`, namespace: name },
        data: {
          'agent.conf': `agent {\n  socket_path = "/sockets/${socket}"\n  trust_domain = "other.example.com"\n}\n`,
        },
      },
    },
    { add: { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: driver } } },
  ];
}

const SILENT: Readonly<Record<string, readonly Change[]>> = {
  'HAProxy Enterprise, all of it at 1000': [
    template('containers[0].image', 'hapee-registry.haproxy.com/haproxy-enterprise:3.0r1'),
    ...asUser(1000),
  ],
  "OpenShift's range of users and its own helper image": [
    ...asUser(1_000_680_000),
    template(
      'containers[2].image',
      'registry.redhat.io/zero-trust-workload-identity-manager/spiffe-helper-rhel9:v0.10.0',
    ),
  ],
  "OpenShift's users that only the pod names": [
    ...asUser(1_000_680_000),
    ...['initContainers[0]', 'containers[2]', 'containers[3]'].map((container) =>
      template(`${container}.securityContext`),
    ),
  ],
  'users that nothing but the images decides, and files that can be read': [
    template('securityContext'),
    ...['initContainers[0]', 'containers[2]', 'containers[3]'].map((container) =>
      template(`${container}.securityContext`),
    ),
    template('containers[2].image', 'registry.example.net/spiffe-helper:0.11.0'),
  ],
  'the alias api.sock of the chart': [config('spire-agent.sock', 'api.sock')],
  'the helper as a native sidecar': [template('containers[2]'), template('initContainers[1]', NATIVE_HELPER)],
  'spiffe-helper 0.10': [template('containers[2].image', 'ghcr.io/spiffe/spiffe-helper:0.10.1')],
  'spiffe-helper 0.9 without health checks and probes': [
    template('containers[2].image', 'ghcr.io/spiffe/spiffe-helper:0.9.1'),
    template('containers[2].livenessProbe'),
    template('containers[2].readinessProbe'),
    config(HEALTH, ''),
  ],
  'spiffe-helper 0.8 whose ignored health checks nobody asks for': [
    template('containers[2].image', 'ghcr.io/spiffe/spiffe-helper:0.8.0'),
    template('containers[2].livenessProbe'),
    template('containers[2].readinessProbe'),
  ],
  'an agent of HAPTIC instead of the Data Plane API': [
    template('containers[1]', {
      name: 'agent',
      image: 'ghcr.io/haproxy-haptic/haptic:0.10.0-haproxy3.4',
      command: ['/usr/local/bin/haptic-controller'],
      args: ['agent'],
      ports: [{ name: 'dataplane', containerPort: 5555 }],
      volumeMounts: [{ name: 'haproxy-runtime', mountPath: '/etc/haproxy' }],
    }),
  ],
  'a second SPIRE with its own driver': secondSpire('other', 'other.csi.spiffe.io', '/run/other/sockets', 'agent.sock'),
  'a SPIRE of the quickstart, which serves agent.sock': [
    config('spire-agent.sock', 'agent.sock'),
    {
      object: 'ConfigMap spire-server/spire-agent',
      set: {
        at: 'data["agent.conf"]',
        to: 'agent {\n  data_dir = "/run/spire"\n  socket_path = "/run/spire/sockets/agent.sock"\n  trust_domain = "prod.example.com"\n}\n',
      },
    },
    { object: 'DaemonSet spire-server/spire-agent', set: { at: 'metadata.labels', to: { app: 'spire-agent' } } },
    { object: 'DaemonSet spire-server/spire-agent', set: { at: 'spec.template.spec.initContainers', to: [] } },
    {
      object: 'DaemonSet spire-server/spire-agent',
      set: {
        at: 'spec.template.spec.containers[0].args',
        to: ['-config', '/run/spire/config/agent.conf'],
      },
    },
    {
      object: 'DaemonSet spire-server/spire-agent',
      set: {
        at: 'spec.template.spec.containers[0].volumeMounts',
        to: [
          { name: 'spire-config', mountPath: '/run/spire/config' },
          { name: 'spire-agent-socket-dir', mountPath: '/run/spire/sockets' },
        ],
      },
    },
    ...['spire-agent', 'spire-spiffe-csi-driver'].map(
      (name): Change => ({
        object: `DaemonSet spire-server/${name}`,
        set: {
          at: `spec.template.spec.volumes[${name === 'spire-agent' ? 1 : 0}]`,
          to: { name: 'spire-agent-socket-dir', hostPath: { path: '/run/spire/sockets' } },
        },
      }),
    ),
  ],
  'a driver of another name': [
    template('volumes[1].csi.driver', 'spire.example.net'),
    { object: 'CSIDriver csi.spiffe.io', set: { at: 'metadata.name', to: 'spire.example.net' } },
    {
      object: 'DaemonSet spire-server/spire-spiffe-csi-driver',
      set: { at: 'spec.template.spec.containers[0].args[3]', to: 'spire.example.net' },
    },
    ...['node-a', 'node-b'].map(
      (node): Change => ({
        object: `CSINode ${node}`,
        set: { at: 'spec.drivers', to: [{ name: 'spire.example.net', nodeID: node }] },
      }),
    ),
  ],
  'named probe ports': [
    template('containers[2].ports', [{ name: 'health', containerPort: 8081 }]),
    template('containers[2].livenessProbe.httpGet.port', 'health'),
    template('containers[2].readinessProbe.httpGet.port', 'health'),
  ],
  'a fallback address in the environment that helper.conf outranks': [
    template('containers[2].env', [
      { name: 'SPIFFE_ENDPOINT_SOCKET', value: 'unix:///spiffe-workload-api/other.sock' },
    ]),
  ],
  'modes of files in octal, quoted and not': [
    config('daemon_mode = true', 'daemon_mode = true\nkey_file_mode = 0640\ncert_file_mode = "0644"'),
  ],
};

describe('a healthy installation on another platform', () => {
  it.each(Object.entries(SILENT))(
    'with %s has nothing at fail or warn, and nothing unknown',
    async (_name, changes) => {
      const report = await judgeInstallation(changes);
      expect(standing(report)).toEqual([]);
      expect(checksIn(report, 'fail', 'warn', 'blocked', 'crashed')).toEqual([]);
      expect(
        report.results.filter(({ state }) => state === 'unknown').map(({ check, detail }) => `${check}: ${detail}`),
      ).toEqual([]);
    },
  );

  it.each(Object.entries(SILENT))(
    'with %s has nothing at fail or warn when neither pods nor logs may be looked into',
    async (_name, changes) => {
      const refused: readonly Change[] = [
        { refuse: { what: 'probe', why: 'forbidden' } },
        { refuse: { what: 'log', container: 'spiffe-helper', why: 'forbidden' } },
        { refuse: { what: 'log', container: 'cert-reloader', why: 'forbidden' } },
      ];
      const report = await judgeInstallation([...changes, ...refused]);
      expect(standing(report)).toEqual([]);
      expect(checksIn(report, 'fail', 'warn', 'blocked', 'crashed')).toEqual([]);
    },
  );

  it.each(Object.entries(SILENT))('with %s has nothing at fail or warn in its manifests', async (_name, changes) => {
    const declared = changes.filter(
      (change) =>
        'add' in change || 'remove' in change || ('object' in change && !/^(?:CSINode|Pod) /.test(change.object)),
    );
    const report = judgeSnapshot(await buildCase({ source: 'files', complete: true, change: declared }), checks);
    expect(standing(report)).toEqual([]);
    expect(checksIn(report, 'fail', 'warn', 'blocked', 'crashed')).toEqual([]);
  });
});
