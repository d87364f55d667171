import type { Editable } from '../../scenario/field-edit.ts';
import type { Fault, ObjectChange } from './fault.ts';
import { DEFAULT_ID, defaultId, onlyNamespace, ownId } from './registration-changes.ts';

const SHOP_ID = 'ClusterSPIFFEID shop-api';
const SERVICE = 'Service shop/api';

const expected = (message: string, culprit = DEFAULT_ID) => ({ check: 'san-contents', message, culprit }) as const;

/** An object for the pods behind the Service. */
function shopId(spec: Readonly<Record<string, Editable>>): ObjectChange {
  return ownId({ podSelector: { matchLabels: { app: 'api' } }, ...spec }, 'shop-api');
}

/** The names in the SVIDs of backends, against the name that HAProxy verifies. */
export const BACKEND_NAME_FAULTS: readonly Fault[] = [
  {
    name: 'dns-names-not-populated',
    ids: ['P1'],
    about: 'autoPopulateDNSNames is off, as it is in the SPIRE chart unless somebody turns it on.',
    change: [defaultId('autoPopulateDNSNames')],
    expect: expected('backend-lacks-dns-names'),
    cure: { by: 'commands' },
  },
  {
    name: 'fallback-with-names-replaced',
    ids: ['C8', 'P1'],
    about: 'The shop has got an object of its own without DNS names, and the chart\u2019s fallback gives way to it.',
    change: [shopId({})],
    expect: expected('backend-lacks-dns-names', SHOP_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'names-masked-by-older-object',
    ids: ['C8', 'P1'],
    about: 'An object with DNS names makes the same entry as an older one without, whose settings count.',
    change: [
      {
        add: {
          apiVersion: 'spire.spiffe.io/v1alpha1',
          kind: 'ClusterSPIFFEID',
          metadata: { name: 'shop-api', creationTimestamp: '2026-10-01T00:00:00Z' },
          spec: {
            className: 'spire-server-spire',
            spiffeIDTemplate:
              'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}',
            podSelector: { matchLabels: { app: 'api' } },
          },
        },
      },
      ownId({ podSelector: { matchLabels: { app: 'api' } }, autoPopulateDNSNames: true }, 'shop-api-names'),
    ],
    expect: expected('backend-lacks-dns-names', SHOP_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'names-in-long-form-only',
    ids: ['P4'],
    about: 'dnsNameTemplates make names that end in svc.cluster.local, and HAProxy verifies api.shop.svc.',
    change: [
      shopId({ dnsNameTemplates: ['{{ index .PodMeta.Labels "app" }}.{{ .PodMeta.Namespace }}.svc.cluster.local'] }),
    ],
    expect: expected('backend-name-differs', SHOP_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'names-of-other-form-in-fallback',
    ids: ['P4'],
    about: 'The chart\u2019s object makes names of its own for everybody, and not those of Services.',
    change: [
      defaultId('autoPopulateDNSNames'),
      defaultId('dnsNameTemplates', ['{{ .PodMeta.Name }}.{{ .PodMeta.Namespace }}.pod.cluster.local']),
    ],
    expect: expected('backend-name-differs'),
    cure: { by: 'commands' },
  },
  {
    name: 'backend-namespace-not-selected',
    ids: ['P2', 'C5'],
    about: 'The chart\u2019s object registers HAPTIC\u2019s namespace, and not that of the backend.',
    change: [onlyNamespace('haptic')],
    expect: expected('backend-not-registered'),
    cure: { by: 'commands' },
  },
  {
    name: 'backend-labels-not-selected',
    ids: ['P2', 'C4'],
    about: 'The object for the backend asks for another label than its pods have.',
    change: [
      onlyNamespace('haptic'),
      shopId({ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'api' } }, autoPopulateDNSNames: true }),
    ],
    expect: expected('backend-not-registered', SHOP_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'backend-class-not-watched',
    ids: ['P2', 'C2'],
    about: 'The object for the backend has the className of another SPIRE.',
    change: [onlyNamespace('haptic'), shopId({ className: 'spire-mgmt-spire', autoPopulateDNSNames: true })],
    expect: expected('backend-not-registered', SHOP_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'backend-outside',
    ids: ['P3'],
    about: 'The Service is an ExternalName: nobody behind it can have an SVID of this cluster.',
    change: [
      {
        object: SERVICE,
        set: {
          at: 'spec',
          to: { type: 'ExternalName', externalName: 'api.example.org', ports: [{ name: 'https', port: 443 }] },
        },
      },
    ],
    expect: expected('backend-has-no-identity', SERVICE),
    cure: { by: 'commands' },
  },
  {
    name: 'backend-by-address',
    ids: ['P3'],
    about: 'The Service has no selector, and its endpoints are addresses outside of the cluster.',
    change: [{ object: SERVICE, set: { at: 'spec.selector' } }],
    expect: expected('backend-has-no-identity', SERVICE),
    cure: { by: 'commands' },
  },
];
