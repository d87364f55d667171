import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { ReportFix } from '../../src/doctor/report.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

/** The fix of one message in the whole recorded installation, with these changes. */
async function fixOf(message: string, ...change: Change[]): Promise<ReportFix> {
  return await fixAmong(checks, message, change);
}

async function fixAmong(judges: readonly Check[], message: string, change: readonly Change[]): Promise<ReportFix> {
  const report = judgeSnapshot(await buildCase({ source: 'live', complete: true, change }), judges);
  const found = report.results.flatMap(({ findings }) => findings).find((finding) => finding.message === message);
  if (!found?.fix) {
    const messages = report.results.flatMap(({ findings }) => findings.map((finding) => finding.message));
    throw new Error(`no fix for ${message}; found ${[...new Set(messages)].join(', ')}`);
  }
  return found.fix;
}

function refused(error: string): readonly Change[] {
  const lines = [
    '-119m time="2026-11-22T01:01:00Z" level=info msg="Watching for X509 Context" system=spiffe-helper',
    `-30s time="2026-11-22T02:59:30Z" level=error msg="Error while watching x509 context: rpc error: code = ${error}" system=spiffe-helper`,
  ];
  return [{ disk: { absent: ['svid', 'key', 'bundle'] } }, { log: { container: 'spiffe-helper', lines } }];
}

const NO_IDENTITY = refused('PermissionDenied desc = no identity issued');
const UNATTESTED = refused('Unavailable desc = workload attestation failed');
const SPIFFE_ID = 'ClusterSPIFFEID spire-server-spire-default';
const AGENT = 'DaemonSet spire-server/spire-agent';
const SERVER = 'StatefulSet spire-server/spire-server';
const HAPROXY = 'Deployment haptic/haptic-haproxy';
const RESTART = 'kubectl --context prod -n haptic rollout restart deployment/haptic-haproxy';

/** HAProxy verifies a name that no Service gives. */
const OTHER_SNI: Change = {
  object: 'HAProxyCfg haptic/haptic-config-haproxycfg',
  replace: { at: 'spec.content', from: 'sni str(api.shop.svc)', to: 'sni str(api.shop.internal)' },
};

function set(object: string, at: string, to: Extract<Change, { set: unknown }>['set']['to']): Change {
  return { object, set: to === undefined ? { at } : { at, to } };
}

describe('a ClusterSPIFFEID for exactly these pods', () => {
  const outside: Change = set(SPIFFE_ID, 'spec.podSelector', { matchLabels: { app: 'other' } });

  it('is what the report prints for HAProxy pods that nothing selects, with the class that is watched', async () => {
    const { commands, impact, preconditions } = await fixOf('pod-not-selected', outside, ...NO_IDENTITY);
    expect(commands.join('\n').split('\n')).toEqual([
      "kubectl --context prod apply -f - <<'EOF'",
      'apiVersion: spire.spiffe.io/v1alpha1',
      'kind: ClusterSPIFFEID',
      'metadata:',
      '  name: haptic-haptic-haproxy',
      'spec:',
      '  className: spire-server-spire',
      '  spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}"',
      '  namespaceSelector:',
      '    matchLabels:',
      '      kubernetes.io/metadata.name: haptic',
      '  podSelector:',
      '    matchLabels:',
      '      app.kubernetes.io/name: haptic',
      '      app.kubernetes.io/instance: haptic',
      '      app.kubernetes.io/component: loadbalancer',
      'EOF',
    ]);
    expect(impact).toBe('cluster-wide');
    expect(preconditions.join()).toContain('.../ns/haptic/sa/default');
  });

  it('carries the hint that helper.conf asks for', async () => {
    const hinted: Change = {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: 'daemon_mode = true', to: 'daemon_mode = true\n    hint = "edge"' },
    };
    const { commands } = await fixOf('pod-not-selected', outside, hinted, ...NO_IDENTITY);
    expect(commands.join()).toContain('\n  hint: edge\n');
  });

  it('is not advised for a namespace that the controller ignores, where it would change nothing', async () => {
    const ignored: Change = {
      object: 'ConfigMap spire-server/spire-controller-manager',
      replace: { at: 'data["controller-manager-config.yaml"]', from: 'kube-public]', to: 'haptic]' },
    };
    const fix = await fixOf('namespace-not-selected', ignored, ...NO_IDENTITY);
    expect(fix.commands).toEqual([]);
    expect(fix.manual).toMatch(/not kept whole/);
  });

  it('takes the place of a fallback for backends whose names differ, so that nobody else gets their name', async () => {
    const { commands } = await fixOf('backend-name-differs', OTHER_SNI);
    expect(commands.join()).toContain('podSelector:\n    matchLabels:\n      app: api\n');
    expect(commands.join()).toContain('dnsNameTemplates:\n  - api.shop.internal\n');
    expect(commands.join()).toContain('  hint: default\n');
  });

  it('is not what adds a name to an object for everybody: that is left to a person', async () => {
    const fix = await fixOf('backend-name-differs', set(SPIFFE_ID, 'spec.fallback', false), OTHER_SNI);
    expect(fix.commands).toEqual([]);
    expect(fix.manual).toMatch(/pose as this Service/);
  });
});

describe('what registers pods and does not work', () => {
  it('gets a template with the fields where they are', async () => {
    const template = 'spiffe://{{ .TrustDomain }}/{{ .PodMeta.ServiceAccountName }}/{{ .PodSpec.Namespace }}';
    const { commands } = await fixOf(
      'template-fails',
      set(SPIFFE_ID, 'spec.spiffeIDTemplate', template),
      ...NO_IDENTITY,
    );
    expect(commands[0]).toContain('/{{ .PodSpec.ServiceAccountName }}/{{ .PodMeta.Namespace }}"');
  });

  it('gets its controller scaled up when that has no replica, and restarted otherwise', async () => {
    const idle = set(SPIFFE_ID, 'status', {});
    expect((await fixOf('not-reconciled', idle, set(SERVER, 'spec.replicas', 0), ...NO_IDENTITY)).commands).toEqual([
      'kubectl --context prod -n spire-server scale statefulset/spire-server --replicas=1',
    ]);
    expect((await fixOf('not-reconciled', idle, ...NO_IDENTITY)).commands).toEqual([
      'kubectl --context prod -n spire-server rollout restart statefulset/spire-server',
    ]);
  });

  it('loses what the server refuses, where it counts refusals', async () => {
    const federated = [
      set(SPIFFE_ID, 'spec.federatesWith', ['elsewhere.example']),
      set(SPIFFE_ID, 'status.stats.entryFailures', 2),
    ];
    const fix = await fixOf('no-identity', ...federated, ...NO_IDENTITY);
    expect(fix.commands[0]).toMatch(
      /patch clusterspiffeid spire-server-spire-default .*'\{"spec":\{"federatesWith":null\}\}'$/,
    );
    expect(fix.preconditions.join()).toContain('elsewhere.example');
    expect((await fixOf('no-identity', ...NO_IDENTITY)).commands).toEqual([]);
  });

  it('gets no certificate that signs any more, and the pods are replaced', async () => {
    const authority: Change = {
      svid: { isCa: true, keyUsage: { critical: true, uses: ['keyCertSign', 'digitalSignature'] } },
    };
    const { commands } = await fixOf('is-authority', set(SPIFFE_ID, 'spec.downstream', true), authority);
    expect(commands[0]).toContain(`'{"spec":{"downstream":null}}'`);
    expect(commands[1]).toBe(RESTART);
  });
});

describe('a SPIRE that does not serve a node', () => {
  const taint = set('Node node-a', 'spec.taints', [{ key: 'edge', value: 'yes', effect: 'NoSchedule' }]);
  const gone: Change = { remove: 'Pod spire-server/spire-agent-a' };

  it('tolerates the taint of the node, agent and driver alike', async () => {
    const { commands } = await fixOf('no-agent-on-node', taint, gone);
    const toleration = '{"key":"edge","operator":"Equal","value":"yes","effect":"NoSchedule"}';
    expect(commands).toEqual(
      ['spire-agent', 'spire-spiffe-csi-driver'].map(
        (name) =>
          `kubectl --context prod -n spire-server patch daemonset/${name} --type=json --patch '[{"op":"add","path":"/spec/template/spec/tolerations","value":[${toleration}]}]'`,
      ),
    );
  });

  it('keeps the tolerations that it has', async () => {
    const some = set(AGENT, 'spec.template.spec.tolerations', [{ key: 'gpu', operator: 'Exists' }]);
    expect((await fixOf('no-agent-on-node', taint, some, gone)).commands[0]).toContain(
      '"path":"/spec/template/spec/tolerations/-"',
    );
  });

  it('loses the label that the node lacks from its selector', async () => {
    const selective = set(AGENT, 'spec.template.spec.nodeSelector', { 'example.com/spire': 'yes' });
    const { commands } = await fixOf('no-agent-on-node', selective, gone);
    expect(commands).toEqual([
      `kubectl --context prod -n spire-server patch daemonset/spire-agent --type=strategic --patch '{"spec":{"template":{"spec":{"nodeSelector":{"example.com/spire":null}}}}}'`,
    ]);
  });

  it('is left to a person when nothing was seen that keeps it away', async () => {
    expect((await fixOf('no-agent-on-node', gone)).manual).toMatch(/not seen/);
  });

  it('gets its server scaled up, its last change taken back, or its agents restarted, as the evidence has it', async () => {
    const waiting = (reason: string): Change => ({
      status: { pod: 'spire-agent-a', container: 'spire-agent', waiting: { reason, message: 'back-off' } },
    });
    const down = await fixOf('agent-not-ready', waiting('CrashLoopBackOff'), set(SERVER, 'spec.replicas', 0));
    expect(down.commands[0]).toContain('scale statefulset/spire-server --replicas=1');
    expect((await fixOf('agent-not-ready', waiting('ImagePullBackOff'))).commands[0]).toContain(
      'rollout undo daemonset/spire-agent',
    );
    expect((await fixOf('agent-not-ready', waiting('CrashLoopBackOff'))).commands[0]).toContain(
      'rollout restart daemonset/spire-agent',
    );
  });

  it('shares the node\u2019s processes with its agents, without which they attest nobody', async () => {
    const { commands } = await fixOf(
      'attestation-failed',
      set(AGENT, 'spec.template.spec.hostPID', false),
      ...UNATTESTED,
    );
    expect(commands).toEqual([
      `kubectl --context prod -n spire-server patch daemonset/spire-agent --type=strategic --patch '{"spec":{"template":{"spec":{"hostPID":true}}}}'`,
    ]);
    expect((await fixOf('attestation-failed', ...UNATTESTED)).commands).toEqual([]);
  });

  it('gets the object of its driver, or the pods the driver that runs', async () => {
    const missing: Change = { remove: 'CSIDriver csi.spiffe.io' };
    expect((await fixOf('driver-missing', missing)).commands.join()).toContain(
      'kind: CSIDriver\nmetadata:\n  name: csi.spiffe.io\n',
    );
    const renamed: Change = {
      object: 'DaemonSet spire-server/spire-spiffe-csi-driver',
      replace: { at: 'spec.template.spec.containers[0].args[3]', from: 'csi.spiffe.io', to: 'spire.example.com' },
    };
    expect((await fixOf('driver-missing', missing, renamed)).commands).toEqual([
      `kubectl --context prod -n haptic patch deployment/haptic-haproxy --type=strategic --patch '{"spec":{"template":{"spec":{"volumes":[{"name":"spiffe-workload-api","csi":{"driver":"spire.example.com","readOnly":true}}]}}}}'`,
    ]);
  });

  it('lets its driver mount the directory of its agents, and the pods see it', async () => {
    const { commands } = await fixOf('no-agent-for-driver', ...NO_IDENTITY, {
      object: 'DaemonSet spire-server/spire-spiffe-csi-driver',
      replace: {
        at: 'spec.template.spec.volumes[0].hostPath.path',
        from: '/run/spire/agent-sockets',
        to: '/run/spire/sockets',
      },
    });
    expect(commands).toEqual([
      `kubectl --context prod -n spire-server patch daemonset/spire-spiffe-csi-driver --type=strategic --patch '{"spec":{"template":{"spec":{"volumes":[{"name":"spire-agent-socket-dir","hostPath":{"path":"/run/spire/agent-sockets"}}]}}}}'`,
      'kubectl --context prod -n spire-server rollout status daemonset/spire-spiffe-csi-driver --timeout=120s',
      RESTART,
    ]);
  });

  it('is let in by one fix where one taint keeps off driver and agent', async () => {
    const unregistered = set('CSINode node-a', 'spec.drivers', []);
    const { commands } = await fixOf('driver-not-on-node', taint, gone, unregistered);
    expect(commands.map((command) => /daemonset\/(\S+)/.exec(command)?.[1])).toEqual([
      'spire-spiffe-csi-driver',
      'spire-agent',
    ]);
    await expect(fixOf('no-agent-on-node', taint, gone, unregistered)).rejects.toThrow('no fix for no-agent-on-node');
  });

  it('takes back a driver that cannot be started as it is described, and starts any other anew', async () => {
    const unregistered = set('CSINode node-a', 'spec.drivers', []);
    const driverPod = (reason: string): Change => ({
      add: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: 'spire-spiffe-csi-driver-a',
          namespace: 'spire-server',
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'spire-spiffe-csi-driver', uid: 'csi' }],
        },
        spec: {
          nodeName: 'node-a',
          containers: [{ name: 'node-driver-registrar', image: 'registry.k8s.io/csi-node-driver-registrar:v9' }],
        },
        status: {
          containerStatuses: [{ name: 'node-driver-registrar', ready: false, state: { waiting: { reason } } }],
        },
      },
    });
    const commandFor = async (reason: string) =>
      (await fixOf('driver-not-on-node', unregistered, driverPod(reason))).commands[0];
    expect(await commandFor('ImagePullBackOff')).toContain('rollout undo daemonset/spire-spiffe-csi-driver');
    expect(await commandFor('CrashLoopBackOff')).toContain('rollout restart daemonset/spire-spiffe-csi-driver');
    expect(await commandFor('ContainerCreating')).toContain('rollout restart daemonset/spire-spiffe-csi-driver');
  });

  it('labels the directory for SELinux where the node lets nobody open the socket, and again where it does so already', async () => {
    const lines = [
      '-50s time="2026-11-22T02:59:10Z" level=error msg="Error while watching x509 context: rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing: dial unix /spiffe-workload-api/spire-agent.sock: connect: permission denied\\"" system=spiffe-helper',
    ];
    const denied: Change = { log: { container: 'spiffe-helper', lines } };
    const { commands, preconditions } = await fixOf('permission-denied', denied);
    expect(commands).toEqual([
      expect.stringMatching(
        /patch daemonset\/spire-spiffe-csi-driver --type=strategic .*"command":\["chcon","-Rvt","container_file_t","\/spire-agent-socket"\].*"volumeMounts":\[\{"name":"spire-agent-socket-dir","mountPath":"\/spire-agent-socket"\}\]/,
      ),
      'kubectl --context prod -n spire-server rollout status daemonset/spire-spiffe-csi-driver --timeout=120s',
    ]);
    expect(preconditions.join()).toContain('SELinux');
    const labelled = set('DaemonSet spire-server/spire-spiffe-csi-driver', 'spec.template.spec.initContainers', [
      {
        name: 'set-context',
        image: 'registry.access.redhat.com/ubi9:latest',
        command: ['chcon', '-Rvt', 'container_file_t', 'spire-agent-socket/'],
        volumeMounts: [{ name: 'spire-agent-socket-dir', mountPath: '/spire-agent-socket' }],
      },
    ]);
    expect((await fixOf('permission-denied', denied, labelled)).commands[0]).toContain('rollout restart');
  });

  it('replaces an agent_address that is empty, instead of adding a second one', async () => {
    const empty: Change = {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: '"/spiffe-workload-api/spire-agent.sock"', to: '""' },
    };
    const [patch = ''] = (await fixOf('no-address', empty, { disk: { absent: ['svid', 'key', 'bundle'] } })).commands;
    expect(patch.match(/agent_address = [^,]*?sock/g)).toHaveLength(1);
    expect(patch.match(/agent_address/g)).toHaveLength(1);
  });
});

describe('files of HAProxy that are not the helper\u2019s', () => {
  it('give way to the helper\u2019s where another volume hides them', async () => {
    const { commands } = await fixOf(
      'shadowed',
      set(HAPROXY, 'spec.template.spec.volumes[3]', {
        name: 'foreign',
        csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true },
      }),
      set(HAPROXY, 'spec.template.spec.containers[0].volumeMounts[1]', {
        name: 'foreign',
        mountPath: '/etc/haproxy/spiffe',
      }),
    );
    expect(commands).toEqual([
      `kubectl --context prod -n haptic patch deployment/haptic-haproxy --type=strategic --patch '{"spec":{"template":{"spec":{"containers":[{"name":"haproxy","volumeMounts":[{"mountPath":"/etc/haproxy/spiffe","$patch":"delete"}]}]}}}}'`,
    ]);
  });

  it('give way to an emptyDir where the helper has the same volume', async () => {
    const volume = { name: 'haproxy-runtime', csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true } };
    const { commands } = await fixOf('cert-manager-driver', set(HAPROXY, 'spec.template.spec.volumes[0]', volume));
    expect(commands[0]).toContain('{"volumes":[{"name":"haproxy-runtime","csi":null,"emptyDir":{}}]}');
  });

  it('go with the pod where the helper alone writes, and not where somebody else does', async () => {
    const foreign: Change = { svid: { uris: [] } };
    expect((await fixOf('no-spiffe-id', foreign)).commands).toEqual([RESTART]);
    const writer = set(HAPROXY, 'spec.template.spec.containers[4]', {
      name: 'copier',
      image: 'registry.example.net/copier:1',
      volumeMounts: [{ name: 'haproxy-runtime', mountPath: '/out' }],
    });
    const fix = await fixOf('no-spiffe-id', foreign, writer);
    expect([fix.commands, fix.manual]).toEqual([[], expect.stringContaining('copier')]);
  });

  it('are written by a helper that the report adds, where the pods have none', async () => {
    const none = set(HAPROXY, 'spec.template.spec.containers[2]', undefined);
    const { commands } = await fixOf('no-helper', none, { disk: { absent: ['svid', 'key', 'bundle'] } });
    expect(commands).toHaveLength(2);
    expect(commands[0]).toContain('  name: haptic-haproxy-spiffe-helper-config-2\n');
    expect(commands[0]).toContain('\n    svid_key_file_name = "svid.pem.key"\n');
    expect(commands[1]).toContain(
      '"volumeMounts":[{"name":"spiffe-workload-api","mountPath":"/spiffe-workload-api","readOnly":true},{"name":"haproxy-runtime","mountPath":"/etc/haproxy"},',
    );
    expect(commands[1]).toContain(
      '"volumes":[{"name":"spiffe-helper-config-2","configMap":{"name":"haptic-haproxy-spiffe-helper-config-2"}}]',
    );
  });

  it('are written by one helper, when a second has the same directory', async () => {
    const second = set(HAPROXY, 'spec.template.spec.containers[4]', {
      name: 'second',
      image: 'ghcr.io/spiffe/spiffe-helper:0.11.0',
      args: ['-config', '/etc/spiffe-helper/helper.conf'],
      volumeMounts: [
        { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api' },
        { name: 'haproxy-runtime', mountPath: '/etc/haproxy' },
        { name: 'spiffe-helper-config', mountPath: '/etc/spiffe-helper' },
      ],
    });
    // Before it on the way, that both ask for one port is found.
    const alone = checks.filter(({ id }) => id === 'svid-valid').map((check) => ({ ...check, after: [] }));
    const { commands } = await fixAmong(alone, 'key-mismatch', [second, { svid: { key: 'other' } }]);
    expect(commands).toEqual([
      `kubectl --context prod -n haptic patch deployment/haptic-haproxy --type=strategic --patch '{"spec":{"template":{"spec":{"containers":[{"name":"second","$patch":"delete"}]}}}}'`,
    ]);
  });
});
