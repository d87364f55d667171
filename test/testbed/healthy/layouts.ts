import { readField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import { conf, WORKLOAD } from '../faults/helper-changes.ts';
import { AGENT, CSI, edgeNode, podField, toEdge } from '../faults/platform-changes.ts';
import { template } from './template.ts';

const DRIVER = 'spiffe.example.net';
const QUICKSTART =
  'agent {\n  socket_path = "/tmp/spire-agent/public/agent.sock"\n  trust_domain = "prod.example.com"\n}\n';

/** Other arrangements of the same parts. */
export const LAYOUT_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'haproxy-daemon-set',
    about: 'HAProxy runs on every node.',
    objects: (objects) =>
      objects.map((object) => {
        if (readField(object, 'metadata.name') !== 'haptic-haproxy') return object;
        const { replicas: _, ...spec } = Object(object.spec);
        return { ...object, kind: 'DaemonSet', spec };
      }),
  },
  {
    name: 'replicas-everywhere',
    about: 'Three HAProxys, two controllers and three servers of SPIRE.',
    change: [
      { object: WORKLOAD, set: { at: 'spec.replicas', to: 3 } },
      { object: 'Deployment haptic/haptic-controller', set: { at: 'spec.replicas', to: 2 } },
      { object: 'StatefulSet spire-server/spire-server', set: { at: 'spec.replicas', to: 3 } },
    ],
  },
  {
    name: 'tainted-edge-node',
    about: 'A node has a taint, and everything that is needed there tolerates it.',
    objects: edgeNode,
    change: [toEdge(WORKLOAD), toEdge(AGENT), toEdge(CSI)],
  },
  {
    name: 'driver-of-another-name',
    about: 'The SPIFFE CSI driver was installed under a name of its own, and the volumes ask for that.',
    change: [
      template('volumes[1].csi.driver', DRIVER),
      { object: 'Deployment shop/api', set: { at: 'spec.template.spec.volumes[0].csi.driver', to: DRIVER } },
      { object: 'CSIDriver csi.spiffe.io', set: { at: 'metadata.name', to: DRIVER } },
      podField(CSI, 'containers[0].args[3]', DRIVER),
    ],
  },
  {
    name: 'agent-of-the-quickstart',
    about: 'The agent serves agent.sock without aliases and is configured in HCL.',
    change: [
      { object: 'ConfigMap spire-server/spire-agent', set: { at: 'data["agent.conf"]', to: QUICKSTART } },
      podField(AGENT, 'initContainers'),
      conf('spire-agent.sock', 'agent.sock'),
    ],
  },
  {
    name: 'baseline-pod-security',
    about: 'The namespace of HAProxy enforces the Pod Security level baseline.',
    change: [
      {
        object: 'Namespace haptic',
        set: { at: 'metadata.labels["pod-security.kubernetes.io/enforce"]', to: 'baseline' },
      },
    ],
  },
];
