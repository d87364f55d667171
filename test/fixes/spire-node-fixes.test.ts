import { describe, expect, it } from 'vitest';
import type { Change } from '../scenario/case-file.ts';
import { AGENT, fixOf, NO_IDENTITY, RESTART, SERVER, set, UNATTESTED } from './live-fix.ts';

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
