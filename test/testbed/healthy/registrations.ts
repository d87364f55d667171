import type { EditableObject } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import { conf, WORKLOAD } from '../faults/helper-changes.ts';

const DEFAULT = 'ClusterSPIFFEID spire-server-spire-default';

/** A ClusterSPIFFEID that is not a fallback. */
function own(name: string, spec: EditableObject): EditableObject {
  return {
    apiVersion: 'spire.spiffe.io/v1alpha1',
    kind: 'ClusterSPIFFEID',
    metadata: { name },
    spec: { className: 'spire-server-spire', ...spec },
  };
}

const HAPROXY_ID = own('haproxy', {
  spiffeIDTemplate: 'spiffe://{{ .TrustDomain }}/ingress/haproxy',
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'haptic' } },
  podSelector: { matchLabels: { 'app.kubernetes.io/component': 'loadbalancer' } },
  ttl: '2h',
});

/** Other ways to give identities. */
export const REGISTRATION_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'entries-by-hand',
    about: 'Entries were registered by hand; no ClusterSPIFFEID is there.',
    change: [{ remove: DEFAULT }],
    platform: ({ spire }) => {
      for (const [namespace, account, ...dnsNames] of [
        ['haptic', 'default'],
        ['shop', 'api', 'api.shop.svc'],
      ] as const)
        spire.manualEntries.push({
          spiffeId: `spiffe://prod.example.com/ns/${namespace}/sa/${account}`,
          selectors: [`k8s:ns:${namespace}`, `k8s:sa:${account}`],
          dnsNames,
        });
    },
    unknown: {
      'san-contents': 'entries made by hand are not in the API, so that nobody sees the names of the backend',
    },
  },
  {
    name: 'identity-of-its-own',
    about: 'HAProxy has a ClusterSPIFFEID of its own, which takes the place of the fallback.',
    change: [{ add: HAPROXY_ID }],
  },
  {
    name: 'two-identities-and-a-hint',
    about: 'HAProxy has two identities, and helper.conf says by its hint which one it wants.',
    change: [
      { add: HAPROXY_ID },
      { object: DEFAULT, set: { at: 'spec.fallback', to: false } },
      conf('daemon_mode = true', 'daemon_mode = true\nhint = "default"'),
    ],
  },
  {
    name: 'cluster-domain-names',
    about: 'The snippet asks for the long form of Service names, which the backends have as well.',
    change: [
      {
        object: 'HAProxyTemplateConfig haptic/haptic-config',
        replace: {
          at: 'spec.templateSnippets["backend-directives-800-server-mtls-spire"].template',
          from: '+ ".svc"',
          to: '+ ".svc.cluster.local"',
        },
      },
    ],
  },
  {
    name: 'service-account-of-its-own',
    about: 'HAProxy runs as a service account of its own.',
    change: [{ object: WORKLOAD, set: { at: 'spec.template.spec.serviceAccountName', to: 'haproxy' } }],
  },
];
