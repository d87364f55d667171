import type { Testbed } from '../installation.ts';
import type { Fault } from './fault.ts';
import { DEFAULT_ID } from './registration-changes.ts';

const WORKLOAD = 'Deployment haptic/haptic-haproxy';
const AGENT = 'DaemonSet spire-server/spire-agent';
const SERVER = 'StatefulSet spire-server/spire-server';

const MINUTE = 60_000;

/** Somebody has scaled the SPIRE server to zero, for maintenance say, and that was it. */
export async function scaleServerDown({ store, settle }: Testbed): Promise<void> {
  const server = store.get({ kind: 'StatefulSet', namespace: 'spire-server', name: 'spire-server' });
  if (typeof server?.spec !== 'object') throw new Error('there is no SPIRE server');
  store.update(
    { ...server, spec: { ...server.spec, replicas: 0 } },
    { manager: 'kubectl-scale', subresource: 'scale' },
  );
  await settle();
}

/** HAProxy's pods are made anew, as when nodes are drained, and have had time to come up. */
async function replaceHaproxies(testbed: Testbed): Promise<void> {
  for (const { ref } of testbed.haproxies.running())
    testbed.store.remove({ kind: 'Pod', namespace: ref.namespace, name: ref.pod });
  await testbed.settle();
  testbed.age(5 * MINUTE);
  await testbed.spire.retry();
}

/** What SPIRE's server and agents do, beside the ClusterSPIFFEIDs. */
export const REGISTRATION_SERVER_FAULTS: readonly Fault[] = [
  {
    name: 'new-pods-without-server',
    ids: ['B8', 'C1'],
    about: 'The SPIRE server was scaled to zero; agents work on, and pods that are made since get no identity.',
    happens: async (testbed) => {
      await scaleServerDown(testbed);
      await replaceHaproxies(testbed);
    },
    expect: { check: 'svid-issued', message: 'no-identity', culprit: SERVER },
    cure: { by: 'commands' },
  },
  {
    name: 'agent-without-host-pid',
    ids: ['B12'],
    about: 'The agent does not share the node\u2019s process IDs, and cannot tell who connects to it.',
    change: [{ object: AGENT, set: { at: 'spec.template.spec.hostPID' } }],
    expect: { check: 'svid-issued', message: 'attestation-failed', culprit: AGENT },
    cure: { by: 'commands' },
  },
  {
    name: 'kubelet-not-trusted',
    ids: ['B12'],
    about: 'The kubelet\u2019s certificate has an issuer that the agent does not trust, so that no pod is recognised.',
    platform: (platform) => {
      for (const node of platform.nodes.values())
        node.attestation = {
          error:
            'rpc error: code = Internal desc = workloadattestor(k8s): unable to perform request: Get "https://127.0.0.1:10250/pods": tls: failed to verify certificate: x509: certificate signed by unknown authority',
        };
    },
    expect: { check: 'svid-issued', message: 'attestation-failed', culprit: AGENT },
    cure: {
      by: 'hand',
      because:
        'how the agent checks kubelets is a line of agent.conf, whose other lines are not kept to be written back',
      hand: async (testbed) => {
        for (const node of testbed.platform.nodes.values()) delete node.attestation;
        await testbed.spire.retry();
      },
    },
  },
  {
    name: 'entry-for-account-of-controller',
    ids: ['C1', 'C9'],
    about: 'Entries are made by hand, and the one for HAProxy names the service account of HAPTIC\u2019s controller.',
    change: [
      { remove: DEFAULT_ID },
      { object: 'Ingress shop/api', set: { at: 'metadata.annotations["example.com/server-mtls-spire"]', to: 'false' } },
    ],
    platform: ({ spire }) => {
      spire.manualEntries.push({
        spiffeId: 'spiffe://prod.example.com/ns/haptic/sa/haptic',
        selectors: ['k8s:ns:haptic', 'k8s:sa:haptic'],
        dnsNames: [],
      });
    },
    expect: { check: 'svid-issued', message: 'not-registered', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
];
