import type { HealthyVariant } from '../faults/fault.ts';
import { CSI, podField } from '../faults/platform-changes.ts';
import { everybodyAs, HELPER, RELOADER, template } from './template.ts';

const ENTERPRISE_IMAGE = 'hapee-registry.haproxy.com/haproxy-enterprise:3.2r1';
/** A user of the range that OpenShift gives a namespace. */
const OPENSHIFT_USER = 1_000_680_000;

/** Other makers of images, and their users. */
export const PLATFORM_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'enterprise',
    about: 'HAProxy Enterprise, and everything beside it runs as its UID 1000.',
    change: [
      ...everybodyAs(1000, 1000),
      ...['containers[0]', 'containers[1]', RELOADER].map((container) =>
        template(`${container}.image`, ENTERPRISE_IMAGE),
      ),
    ],
  },
  {
    name: 'community-as-another-user',
    about: 'The community image with a UID of its own that everybody in the pod has.',
    change: everybodyAs(1000, 1000),
  },
  {
    name: 'openshift',
    about: "OpenShift: users from the namespace's range, Red Hat's images, SELinux with the label that it wants.",
    platform: ({ nodes }) => {
      for (const node of nodes.values()) node.selinux = 'enforcing';
    },
    change: [
      ...everybodyAs(OPENSHIFT_USER, 0),
      template(
        `${HELPER}.image`,
        'registry.redhat.io/zero-trust-workload-identity-manager/spiffe-helper-rhel9:v0.10.0',
      ),
      podField(CSI, 'initContainers', [
        {
          name: 'set-context',
          image: 'registry.access.redhat.com/ubi9:latest',
          command: ['chcon', '-Rvt', 'container_file_t', 'spire-agent-socket/'],
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'spire-agent-socket-dir', mountPath: '/spire-agent-socket' }],
        },
      ]),
    ],
  },
  {
    name: 'openshift-users-of-the-pod',
    about: 'OpenShift, and only the pod names the user.',
    change: [
      ...everybodyAs(OPENSHIFT_USER, 0),
      ...['initContainers[0]', HELPER, RELOADER].map((container) => template(`${container}.securityContext`)),
    ],
  },
  {
    name: 'image-by-digest',
    about: "A mirror's image of spiffe-helper, named by its digest as well.",
    change: [
      template(`${HELPER}.image`, `mirror.example.net:5000/spiffe/spiffe-helper:0.11.0@sha256:${'ab'.repeat(32)}`),
    ],
  },
];
