import type { Platform } from '../platform.ts';
import type { Fault } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';
import { haproxyPods, poll } from './memory-happenings.ts';
import { AGENT, CSI, edgeNode, podField, toEdge, upgrade, withoutTag } from './platform-changes.ts';

const expected = (message: string) => ({ check: 'csi-socket-name', message, culprit: AGENT }) as const;

/** Whether a SPIRE agent serves on the nodes of the pods. */
export const PLATFORM_AGENT_FAULTS: readonly Fault[] = [
  {
    name: 'agent-off-tainted-node',
    ids: ['B6'],
    about: 'A node has a taint that HAProxy and the CSI driver tolerate, but not the agent.',
    objects: edgeNode,
    change: [toEdge(WORKLOAD), toEdge(CSI)],
    expect: expected('no-agent-on-node'),
    cure: { by: 'commands' },
  },
  {
    name: 'agent-node-selector',
    ids: ['B6'],
    about: 'The agent wants a label that no node has.',
    change: [podField(AGENT, 'nodeSelector', { 'spiffe.example.com/workloads': 'true' })],
    expect: expected('no-agent-on-node'),
    cure: { by: 'commands' },
  },
  {
    name: 'agent-image-wrong',
    ids: ['B6'],
    about: 'An upgrade gives the agent a tag that the registry does not have; it stops at the first node.',
    platform: withoutTag('1.99.0'),
    happens: async (testbed) => {
      await upgrade(testbed, 'spire-agent', 'containers[0].image', 'ghcr.io/spiffe/spire-agent:1.99.0');
      testbed.age(300_000);
      await testbed.spire.retry();
      await testbed.settle();
    },
    expect: expected('agent-not-ready'),
    cure: { by: 'commands' },
  },
  {
    name: 'agents-started-without-server',
    ids: ['B6', 'B7'],
    about: 'The SPIRE server was scaled to zero, and agents that an upgrade starts anew cannot attest.',
    happens: async (testbed) => {
      const { store, settle } = testbed;
      const server = store.get({ kind: 'StatefulSet', namespace: 'spire-server', name: 'spire-server' });
      if (typeof server?.spec !== 'object') throw new Error('there is no SPIRE server');
      store.update({ ...server, spec: { ...server.spec, replicas: 0 } }, { manager: 'kubectl-scale' });
      await settle();
      await upgrade(testbed, 'spire-agent', 'containers[0].image', 'ghcr.io/spiffe/spire-agent:1.15.4');
      testbed.age(300_000);
      await testbed.spire.retry();
      await settle();
    },
    expect: expected('agent-not-ready'),
    cure: { by: 'commands', afterwards: (testbed) => poll(haproxyPods(testbed)) },
  },
  {
    name: 'clock-of-node-ahead',
    ids: ['J3'],
    about: 'The clock of a node on which HAProxy runs is five minutes ahead.',
    platform: ({ nodes }) => setClock(nodes, 300_000),
    expect: { check: 'svid-valid', message: 'clock-skew', culprit: 'Node node-b' },
    cure: {
      by: 'hand',
      because: 'clocks are set on the nodes, not through the Kubernetes API',
      hand: async ({ platform: { nodes } }) => setClock(nodes, 0),
    },
  },
];

function setClock(nodes: Platform['nodes'], ahead: number): void {
  const node = nodes.get('node-b');
  if (node === undefined) throw new Error('there is no node-b');
  node.clockAhead = ahead;
}
