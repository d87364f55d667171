import type { Fault } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';
import { haproxyPods, poll } from './memory-happenings.ts';
import { AGENT, CSI, edgeNode, podField, toEdge, upgrade, withoutTag } from './platform-changes.ts';

const expected = (message: string, culprit: string) => ({ check: 'csi-socket-name', message, culprit }) as const;

const OBJECT = 'CSIDriver csi.spiffe.io';
const WRONG_TAG = 'v2.13.0-rc';

/** Whether the SPIFFE CSI driver is there for the pods. */
export const PLATFORM_DRIVER_FAULTS: readonly Fault[] = [
  {
    name: 'csi-driver-object-missing',
    ids: ['B2'],
    about: 'The driver runs, and nobody made the CSIDriver object for it.',
    change: [{ remove: OBJECT }],
    expect: expected('driver-missing', OBJECT),
    cure: { by: 'commands' },
  },
  {
    name: 'csi-driver-object-deleted',
    ids: ['B2'],
    about: 'Somebody deletes the CSIDriver object; pods that run keep their volume, new ones will get none.',
    happens: async ({ store, settle }) => {
      store.remove({ kind: 'CSIDriver', name: 'csi.spiffe.io' });
      await settle();
    },
    expect: { ...expected('driver-missing', OBJECT), phase: 'latent' },
    cure: { by: 'commands' },
  },
  {
    name: 'csi-driver-under-another-name',
    ids: ['B2'],
    about: 'SPIRE was installed with a pluginName of its own, and the volume asks for the usual one.',
    change: [
      podField(CSI, 'containers[0].args[3]', 'csi.spire.example.com'),
      { object: OBJECT, set: { at: 'metadata.name', to: 'csi.spire.example.com' } },
    ],
    expect: expected('driver-missing', OBJECT),
    cure: { by: 'commands' },
  },
  {
    name: 'csi-driver-off-tainted-node',
    ids: ['B3'],
    about: 'A node has a taint that HAProxy and the agent tolerate, but not the CSI driver.',
    objects: edgeNode,
    change: [toEdge(WORKLOAD), toEdge(AGENT)],
    expect: expected('driver-not-on-node', CSI),
    cure: { by: 'commands' },
  },
  {
    name: 'spire-off-tainted-node',
    ids: ['B3', 'B6'],
    about: 'A node has a taint that HAProxy tolerates, and nothing of SPIRE does.',
    objects: edgeNode,
    change: [toEdge(WORKLOAD)],
    expect: expected('driver-not-on-node', CSI),
    cure: { by: 'commands', afterwards: (testbed) => poll(haproxyPods(testbed)) },
  },
  {
    name: 'csi-driver-node-selector',
    ids: ['B3'],
    about: 'The CSI driver wants a label that no node has.',
    change: [podField(CSI, 'nodeSelector', { 'spiffe.example.com/workloads': 'true' })],
    expect: expected('driver-not-on-node', CSI),
    cure: { by: 'commands' },
  },
  {
    name: 'csi-registrar-image-wrong',
    ids: ['B3'],
    about: 'An upgrade gives the registrar of the CSI driver a tag that the registry does not have.',
    platform: withoutTag(WRONG_TAG),
    happens: async (testbed) => {
      const image = `registry.k8s.io/sig-storage/csi-node-driver-registrar:${WRONG_TAG}`;
      await upgrade(testbed, 'spire-spiffe-csi-driver', 'containers[1].image', image);
      testbed.age(300_000);
      await testbed.settle();
    },
    expect: { ...expected('driver-not-on-node', CSI), phase: 'latent' },
    cure: { by: 'commands' },
  },
  {
    name: 'socket-directory-denied-by-selinux',
    ids: ['D7'],
    about: 'SELinux is enforcing on the nodes, and SPIRE was installed without its settings for that.',
    platform: ({ nodes }) => {
      for (const node of nodes.values()) node.selinux = 'enforcing';
    },
    expect: expected('permission-denied', CSI),
    cure: { by: 'commands' },
  },
  {
    name: 'sockets-in-another-directory',
    ids: ['B5'],
    about: 'The CSI driver mounts a directory of the node that the agent does not use.',
    change: [podField(CSI, 'volumes[0].hostPath.path', '/run/spire/sockets')],
    expect: expected('no-agent-for-driver', CSI),
    cure: { by: 'commands' },
  },
  {
    name: 'socket-directory-moved',
    ids: ['B5'],
    about: 'SPIRE moved its sockets to another directory, and pods still have the old one mounted.',
    happens: async (testbed) => {
      for (const [name, at] of [
        ['spire-agent', 'volumes[1].hostPath.path'],
        ['spire-spiffe-csi-driver', 'volumes[0].hostPath.path'],
      ] as const)
        await upgrade(testbed, name, at, '/run/spire/agent/public');
      testbed.age(300_000);
      await testbed.spire.retry();
      await testbed.settle();
    },
    expect: expected('stale-mount', WORKLOAD),
    cure: { by: 'commands' },
  },
  {
    name: 'stale-mount-on-one-node',
    ids: ['B5'],
    about: 'The CSI driver of a node was made anew, and what it had mounted before went stale.',
    happens: async (testbed) => {
      const node = testbed.platform.nodes.get('node-a');
      if (node !== undefined) node.staleMountsBefore = Date.now();
      await testbed.spire.retry();
      testbed.age(300_000);
      await testbed.spire.retry();
      await testbed.settle();
    },
    expect: expected('stale-mount', WORKLOAD),
    cure: { by: 'commands' },
  },
];
