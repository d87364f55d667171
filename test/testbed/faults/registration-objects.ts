import type { Fault } from './fault.ts';
import { CONFIG, conf } from './helper-changes.ts';
import {
  DEFAULT_ID,
  defaultId,
  HAPROXY_LABELS,
  OWN_ID,
  onlyNamespace,
  ownId,
  USUAL_TEMPLATE,
} from './registration-changes.ts';

const expected = (message: string, culprit = OWN_ID) => ({ check: 'svid-issued', message, culprit }) as const;

const SHOP_ONLY = onlyNamespace('shop');

/** What the ClusterSPIFFEIDs say. */
export const REGISTRATION_OBJECT_FAULTS: readonly Fault[] = [
  {
    name: 'class-name-missing',
    ids: ['C1', 'C2', 'I1'],
    about: 'The object for HAProxy has no className, as in the guide, and the chart\u2019s controller ignores it.',
    change: [
      SHOP_ONLY,
      {
        add: {
          apiVersion: 'spire.spiffe.io/v1alpha1',
          kind: 'ClusterSPIFFEID',
          metadata: { name: 'haptic-haproxy' },
          spec: { spiffeIDTemplate: USUAL_TEMPLATE, podSelector: { matchLabels: { ...HAPROXY_LABELS } } },
        },
      },
    ],
    expect: expected('class-not-watched'),
    cure: { by: 'commands' },
  },
  {
    name: 'class-name-of-another-release',
    ids: ['C2'],
    about: 'className is that of a SPIRE release with another name.',
    change: [SHOP_ONLY, ownId({ className: 'spire-mgmt-spire' })],
    expect: expected('class-not-watched'),
    cure: { by: 'commands' },
  },
  {
    name: 'pod-labels-not-selected',
    ids: ['C4'],
    about: 'podSelector asks for a label that HAPTIC does not give to HAProxy\u2019s pods.',
    change: [SHOP_ONLY, ownId({ podSelector: { matchLabels: { app: 'haptic-haproxy' } } })],
    expect: expected('pod-not-selected'),
    cure: { by: 'commands' },
  },
  {
    name: 'namespace-not-selected',
    ids: ['C5'],
    about: 'The chart\u2019s object registers pods of namespaces that are listed, and HAPTIC\u2019s is not.',
    change: [SHOP_ONLY],
    expect: expected('namespace-not-selected', DEFAULT_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'namespace-without-label',
    ids: ['C5'],
    about: 'The chart\u2019s object registers pods of namespaces with a label that nobody has put on HAPTIC\u2019s.',
    change: [
      defaultId('namespaceSelector', { matchLabels: { 'spiffe.example.com/register': 'true' } }),
      { object: 'Namespace shop', set: { at: 'metadata.labels["spiffe.example.com/register"]', to: 'true' } },
    ],
    expect: expected('namespace-not-selected', DEFAULT_ID),
    cure: { by: 'commands' },
  },
  {
    name: 'template-with-misplaced-field',
    ids: ['C6'],
    about: 'spiffeIDTemplate takes the service account from .PodMeta, which has none.',
    change: [
      SHOP_ONLY,
      ownId({
        spiffeIDTemplate:
          'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodMeta.ServiceAccountName }}',
      }),
    ],
    expect: expected('template-fails'),
    cure: { by: 'commands' },
  },
  {
    name: 'template-of-missing-label',
    ids: ['C6'],
    about: 'spiffeIDTemplate ends in a label that the pods lack, so that the path ends in a slash.',
    change: [SHOP_ONLY, ownId({ spiffeIDTemplate: 'spiffe://{{ .TrustDomain }}/{{ index .PodMeta.Labels "app" }}' })],
    expect: expected('template-fails'),
    cure: { by: 'commands' },
  },
  {
    name: 'template-with-other-trust-domain',
    ids: ['C6'],
    about: 'spiffeIDTemplate names the trust domain of another environment.',
    change: [SHOP_ONLY, ownId({ spiffeIDTemplate: 'spiffe://staging.example.com/ns/haptic/sa/haproxy' })],
    expect: expected('template-fails'),
    cure: { by: 'commands' },
  },
  {
    name: 'registered-for-account-of-controller',
    ids: ['C9'],
    about: 'The entry asks for the service account of HAPTIC\u2019s controller, and HAProxy runs as default.',
    change: [SHOP_ONLY, ownId({ workloadSelectorTemplates: ['k8s:ns:haptic', 'k8s:sa:haptic'] })],
    expect: expected('selector-not-met'),
    cure: { by: 'commands' },
  },
  {
    name: 'hint-of-nobody',
    ids: ['C15'],
    about: 'helper.conf asks for the SVID with a hint that no ClusterSPIFFEID carries.',
    change: [conf('daemon_mode = true', 'hint = "haproxy"\ndaemon_mode = true')],
    expect: expected('hint-not-found', CONFIG),
    cure: { by: 'commands' },
  },
  {
    name: 'hint-taken-from-object',
    ids: ['C15'],
    about: 'helper.conf has the hint of the chart\u2019s object, and one without a hint has taken its place.',
    change: [conf('daemon_mode = true', 'hint = "default"\ndaemon_mode = true'), ownId({})],
    expect: expected('hint-not-found', CONFIG),
    cure: { by: 'commands' },
  },
];
