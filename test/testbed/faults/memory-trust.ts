import { mintCa } from '../../scenario/certificates.ts';
import type { Testbed } from '../installation.ts';
import type { Fault } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';
import { haproxyPods, poll, rotate } from './memory-happenings.ts';
import { certificateOnlyReloader } from './memory-scripts.ts';

const DAY = 86_400_000;

/** SPIRE federates with so many trust domains that their roots need more than one buffer of HAProxy. */
async function growBundle({ spire, store }: Testbed): Promise<void> {
  const [pod] = store.list('Pod', 'haptic').flatMap((each) => spire.identityOf(each) ?? []);
  if (pod === undefined) throw new Error('no pod of haptic has an identity');
  const validity = { notBefore: Date.now() - DAY, notAfter: Date.now() + 100 * DAY };
  const names = Array.from({ length: 40 }, (_, index) => `branch-${index + 1}.example.com`);
  const roots = await Promise.all(
    names.map((name) => mintCa({ subject: `CN=${name}, O=SPIFFE`, uri: `spiffe://${name}`, ...validity })),
  );
  await spire.pretendBundle([pod.caPem, ...roots.map(({ certificatePem }) => certificatePem)]);
}

/** What HAProxy trusts, against what SPIRE says it should. */
export const TRUST_FAULTS: readonly Fault[] = [
  {
    name: 'bundle-too-big-to-push',
    ids: ['L6'],
    about: 'The trust bundle has outgrown the buffer for a command, so that no reloader can push it.',
    happens: async (testbed) => {
      await growBundle(testbed);
      await poll(haproxyPods(testbed));
      testbed.age(600_000);
    },
    expect: { check: 'cert-loaded', message: 'bundle-too-big', culprit: 'Pod haptic/haptic-haproxy-*' },
    cure: { by: 'commands' },
  },
  {
    name: 'big-bundle-loaded-at-start',
    ids: ['L6'],
    about: 'HAProxy has loaded a bundle that no reloader can ever push: the next change of it will be missed.',
    happens: async (testbed) => {
      await growBundle(testbed);
      for (const { ref } of haproxyPods(testbed))
        testbed.store.remove({ kind: 'Pod', namespace: 'haptic', name: ref.pod });
      await testbed.settle();
      testbed.age(600_000);
    },
    expect: {
      check: 'cert-loaded',
      message: 'bundle-too-big',
      culprit: 'Pod haptic/haptic-haproxy-*',
      phase: 'latent',
    },
    cure: { by: 'commands' },
  },
  {
    name: 'bundle-never-pushed',
    ids: ['L7'],
    about: 'The reloader pushes the SVID and leaves the trust bundle alone; SPIRE has a new root.',
    change: [certificateOnlyReloader],
    happens: async (testbed) => {
      await testbed.spire.rotateAuthority();
      await poll(haproxyPods(testbed));
      testbed.age(600_000);
    },
    expect: { check: 'cert-loaded', message: 'stale-ca', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'detached-by-pushed-bundle',
    ids: ['T1'],
    about: 'In HAProxy 2.6 a pushed bundle detaches the servers: later SVIDs reach nobody, whatever it says.',
    change: [
      {
        object: WORKLOAD,
        set: { at: 'spec.template.spec.containers[0].image', to: 'haproxytech/haproxy-debian:2.6' },
      },
    ],
    happens: async (testbed) => {
      await rotate(testbed);
      await poll(haproxyPods(testbed));
    },
    expect: { check: 'cert-loaded', message: 'detached', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
];
