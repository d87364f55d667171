import { readField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import { BUNDLE, backdate, haproxyPods, KEY, poll, rotate, SVID } from '../faults/memory-happenings.ts';
import type { Testbed } from '../installation.ts';
import type { KubeObject } from '../seams.ts';
import { renamed } from './template.ts';

const MINUTE = 60_000;

/** New SVIDs that lie there for so many seconds; the reloaders have seen them. */
async function rotated(testbed: Testbed, seconds: number): Promise<void> {
  await poll(haproxyPods(testbed));
  await testbed.spire.rotate({ age: seconds * 1000 });
  for (const pod of haproxyPods(testbed)) backdate(pod, [SVID, KEY, BUNDLE], seconds);
  await poll(haproxyPods(testbed));
}

/** What SPIRE issues and trusts, and how it is installed. */
export const AUTHORITY_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'svids-of-five-minutes',
    about: 'SVIDs live for five minutes; the current one is more than a minute old.',
    spire: { lifetime: 5 * MINUTE },
    happens: (testbed) => rotated(testbed, 80),
  },
  {
    name: 'nested-authority',
    about: 'Workload SVIDs come from an intermediate authority, which comes with them.',
    spire: { nested: true },
  },
  {
    name: 'nested-authority-rotated',
    about: 'SVIDs of an intermediate authority have been rotated ten minutes ago.',
    spire: { nested: true },
    happens: async (testbed) => {
      await poll(haproxyPods(testbed));
      await rotate(testbed);
      await poll(haproxyPods(testbed));
    },
  },
  {
    name: 'authority-rotation',
    about: 'SPIRE changes its root: bundles hold both, and the new one issues.',
    happens: async (testbed) => {
      await poll(haproxyPods(testbed));
      await testbed.spire.rotateAuthority();
      await poll(haproxyPods(testbed));
      testbed.age(2 * MINUTE);
    },
  },
  {
    name: 'authority-retired',
    about: 'SPIRE has changed its root, and the old one has gone from the bundles.',
    happens: async (testbed) => {
      await poll(haproxyPods(testbed));
      const { retire } = await testbed.spire.rotateAuthority();
      await poll(haproxyPods(testbed));
      await retire();
      await poll(haproxyPods(testbed));
      testbed.age(2 * MINUTE);
    },
  },
  {
    name: 'rotated-seconds-ago',
    about: 'SVIDs were rotated this very moment.',
    happens: ({ spire }) => spire.rotate(),
    unknown: { 'cert-loaded': 'the reloader may need some seconds yet' },
  },
  {
    name: 'two-spires',
    about: 'A second SPIRE of another trust domain, with its own driver and its own directory on the nodes.',
    objects: (objects) => [...objects, ...anotherSpire(objects)],
  },
];

/** A copy of the base's SPIRE. */
function anotherSpire(objects: readonly KubeObject[]): readonly KubeObject[] {
  const own = objects.filter(
    (object) =>
      readField(object, 'metadata.namespace') === 'spire-server' ||
      readField(object, 'metadata.name') === 'spire-server' ||
      object.kind === 'CSIDriver' ||
      object.kind === 'ClusterSPIFFEID',
  );
  return renamed(own, [
    ['spire-server-spire', 'spire-b-spire'],
    ['"namespace":"spire-server"', '"namespace":"spire-b"'],
    ['"kubernetes.io/metadata.name":"spire-server"', '"kubernetes.io/metadata.name":"spire-b"'],
    ['spire-server.spire-server', 'spire-server.spire-b'],
    ['release-namespace":"spire-server"', 'release-namespace":"spire-b"'],
    ['csi.spiffe.io', 'csi.b.spiffe.io'],
    ['/run/spire/agent-sockets', '/run/spire-b/agent-sockets'],
    ['prod.example.com', 'b.example.com'],
  ]).map((object) =>
    object.kind === 'Namespace' ? { ...object, metadata: { ...Object(object.metadata), name: 'spire-b' } } : object,
  );
}
