import { readField } from '../../scenario/field-edit.ts';
import type { Testbed } from '../installation.ts';
import type { Issuance } from '../spire/authority.ts';
import type { Fault } from './fault.ts';
import { haproxyPods, poll } from './memory-happenings.ts';
import { DEFAULT_ID, ownId } from './registration-changes.ts';
import { MINUTE, rotatedBefore, WORKLOAD } from './svid-changes.ts';

const expected = (message: string, culprit = WORKLOAD) => ({ check: 'san-contents', message, culprit }) as const;

/** A plugin of SPIRE's server made it so until it was mended; HAProxy has what was issued before. */
function issuedWith(leaf: NonNullable<Issuance['leaf']>): (testbed: Testbed) => Promise<void> {
  return (testbed) => rotatedBefore(testbed, 10, { leaf, spiffeId: 'spiffe://prod.example.com/ns/haptic/sa/default' });
}

/** The SPIRE chart is upgraded with another trust domain: its ConfigMaps change, and its pods are made anew. */
function renameTrustDomain({ store }: Testbed): void {
  for (const object of store.list('ConfigMap', 'spire-server')) {
    const text = JSON.stringify(object).replaceAll('prod.example.com', 'corp.example.com');
    store.update(JSON.parse(text), { manager: 'helm' });
  }
  for (const { metadata } of store.list('Pod', 'spire-server')) {
    const name = readField(metadata ?? null, 'name');
    if (typeof name === 'string') store.remove({ kind: 'Pod', namespace: 'spire-server', name });
  }
}

/** The SVID that HAProxy presents, by the rules of the X.509-SVID standard. */
export const BACKEND_SVID_FAULTS: readonly Fault[] = [
  {
    name: 'svid-without-uri',
    ids: ['I2'],
    about: 'HAProxy presents a certificate that names no SPIFFE ID.',
    happens: issuedWith({ uris: [], dnsNames: ['haproxy.example.com'] }),
    expect: expected('no-spiffe-id'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-with-two-uris',
    ids: ['I2'],
    about: 'HAProxy presents a certificate with a second URI beside the SPIFFE ID.',
    happens: issuedWith({
      uris: ['spiffe://prod.example.com/ns/haptic/sa/default', 'https://haproxy.example.com/'],
    }),
    expect: expected('several-spiffe-ids'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-of-trust-domain-itself',
    ids: ['I2'],
    about: 'The URI of HAProxy\u2019s certificate names the trust domain and no workload.',
    happens: issuedWith({ uris: ['spiffe://prod.example.com'] }),
    expect: expected('malformed-spiffe-id'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-that-signs',
    ids: ['I2', 'C12'],
    about:
      'The ClusterSPIFFEID of HAProxy says downstream, and a certificate that signs others has got into the place.',
    change: [ownId({ downstream: true })],
    happens: issuedWith({ ca: true, keyUsage: { uses: ['keyCertSign', 'cRLSign'] } }),
    expect: expected('is-authority'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-key-usage-not-critical',
    ids: ['I2'],
    about: 'keyUsage of HAProxy\u2019s certificate is not critical.',
    happens: issuedWith({ keyUsage: { critical: false, uses: ['digitalSignature'] } }),
    expect: expected('key-usage'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-for-servers-alone',
    ids: ['I2'],
    about: 'extendedKeyUsage of HAProxy\u2019s certificate lacks clientAuth.',
    happens: issuedWith({ eku: ['serverAuth'] }),
    expect: expected('extended-key-usage'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-without-subject',
    ids: ['I2'],
    about: 'HAProxy\u2019s certificate has an empty subject, and its SAN is not critical.',
    happens: issuedWith({ subject: '', sanCritical: false }),
    expect: expected('san-not-critical'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-of-another-trust-domain',
    ids: ['I3'],
    about: 'SPIRE was set up anew with another trust domain, and the helper of one pod hung meanwhile.',
    happens: async (testbed) => {
      const [unlucky, ...others] = haproxyPods(testbed);
      testbed.spire.stall({ namespace: 'haptic', name: unlucky.ref.pod });
      renameTrustDomain(testbed);
      await testbed.settle();
      await testbed.spire.retry();
      await poll(others);
      testbed.age(10 * MINUTE);
    },
    expect: expected('unexpected-trust-domain'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-of-before-renaming',
    ids: ['I3'],
    about: 'The SPIFFE IDs were renamed, and the helper of one pod hung meanwhile.',
    happens: async (testbed) => {
      const [unlucky, ...others] = haproxyPods(testbed);
      testbed.spire.stall({ namespace: 'haptic', name: unlucky.ref.pod });
      const [kind = '', name = ''] = DEFAULT_ID.split(' ');
      const object = testbed.store.get({ kind, name });
      if (typeof object?.spec !== 'object' || object.spec === null) throw new Error(`${DEFAULT_ID} is gone`);
      const spiffeIDTemplate = 'spiffe://{{ .TrustDomain }}/{{ .PodMeta.Namespace }}/{{ .PodSpec.ServiceAccountName }}';
      testbed.store.update({ ...object, spec: { ...object.spec, spiffeIDTemplate } }, { manager: 'helm' });
      await testbed.settle();
      await testbed.spire.retry();
      await poll(others);
      testbed.age(10 * MINUTE);
    },
    expect: expected('unexpected-spiffe-id'),
    cure: { by: 'commands' },
  },
];
