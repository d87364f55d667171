import type { HealthyVariant } from '../faults/fault.ts';
import { haproxyPods, poll, reloaderOf, rotate } from '../faults/memory-happenings.ts';
import type { Testbed } from '../installation.ts';

const MINUTE = 60_000;

/** Things that have happened and are over. */
export const HISTORY_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'rotated-often',
    about: 'SVIDs have been rotated three times, and every time the reloaders pushed them.',
    happens: async (testbed) => {
      await poll(haproxyPods(testbed));
      for (let time = 0; time < 3; time += 1) {
        await rotate(testbed);
        await poll(haproxyPods(testbed));
      }
    },
  },
  {
    name: 'helper-restarted',
    about: 'spiffe-helper ran out of memory once, and has gone on.',
    happens: async (testbed) => {
      const [{ ref }] = haproxyPods(testbed);
      await testbed.kubelets.outOfMemory({ ...ref, container: 'spiffe-helper' });
      await over(testbed);
    },
  },
  {
    name: 'reloader-restarted',
    about: 'A reloader ran out of memory, and no rotation fell into that time.',
    happens: async (testbed) => {
      const [pod] = haproxyPods(testbed);
      await testbed.kubelets.outOfMemory(reloaderOf(pod));
      await over(testbed);
    },
  },
  {
    name: 'haproxy-restarted',
    about: 'HAProxy ran out of memory, and has loaded what lay there.',
    happens: async (testbed) => {
      const [{ ref }] = haproxyPods(testbed);
      await testbed.kubelets.outOfMemory(ref);
      await over(testbed);
    },
  },
  {
    name: 'agents-replaced',
    about: 'The pods of the SPIRE agent were made anew.',
    happens: (testbed) => replace(testbed, 'spire-agent'),
  },
  {
    name: 'driver-replaced',
    about: 'The pods of the CSI driver were made anew.',
    happens: (testbed) => replace(testbed, 'spire-spiffe-csi-driver'),
  },
  {
    name: 'server-was-away',
    about: "SPIRE's server could not be reached for a while, and that is over.",
    happens: async (testbed) => {
      testbed.platform.spire.server = 'unreachable';
      await testbed.spire.retry();
      testbed.age(MINUTE);
      testbed.platform.spire.server = 'reachable';
      await testbed.spire.retry();
      await over(testbed);
    },
  },
];

async function over(testbed: Testbed): Promise<void> {
  await testbed.settle();
  // An agent without its memory asks for new SVIDs, which reloaders push within seconds.
  await poll(haproxyPods(testbed));
  testbed.age(10 * MINUTE);
  await testbed.settle();
}

async function replace(testbed: Testbed, name: string): Promise<void> {
  const namespace = 'spire-server';
  for (const pod of testbed.store.list('Pod', namespace)) {
    const { name: its = '' } = Object(pod.metadata);
    if (String(its).startsWith(`${name}-`)) testbed.store.remove({ kind: 'Pod', namespace, name: String(its) });
  }
  await over(testbed);
}
