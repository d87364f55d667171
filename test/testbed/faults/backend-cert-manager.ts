import type { Fault, ObjectChange } from './fault.ts';
import { helperField, WORKLOAD } from './helper-changes.ts';

const DRIVER = 'spiffe.csi.cert-manager.io';
const LABELS = { app: 'cert-manager-csi-driver-spiffe' };

/** cert-manager's SPIFFE driver is installed beside SPIRE's. */
const INSTALLED: readonly ObjectChange[] = [
  { add: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cert-manager' } } },
  {
    add: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'cert-manager-csi-driver-spiffe', namespace: 'cert-manager' },
      spec: {
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            containers: [
              {
                name: 'cert-manager-csi-driver-spiffe',
                image: 'quay.io/jetstack/cert-manager-csi-driver-spiffe:v0.11.0',
                args: [`--driver-name=${DRIVER}`, '--trust-domain=prod.example.com'],
              },
            ],
          },
        },
      },
    },
  },
  {
    add: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: DRIVER },
      spec: { attachRequired: false, podInfoOnMount: true, fsGroupPolicy: 'None', volumeLifecycleModes: ['Ephemeral'] },
    },
  },
];

/** Certificates of cert-manager's SPIFFE driver, which may have no DNS names. */
export const CERT_MANAGER_FAULTS: readonly Fault[] = [
  {
    name: 'haproxy-with-cert-manager',
    ids: ['S25'],
    about: 'A volume of cert-manager\u2019s driver has taken the place of the directory that spiffe-helper fills.',
    change: [
      ...INSTALLED,
      {
        object: WORKLOAD,
        set: { at: 'spec.template.spec.volumes[3]', to: { name: 'svid', csi: { driver: DRIVER, readOnly: true } } },
      },
      {
        object: WORKLOAD,
        set: {
          at: 'spec.template.spec.containers[0].volumeMounts[1]',
          to: { name: 'svid', mountPath: '/etc/haproxy/spiffe', readOnly: true },
        },
      },
      helperField('volumeMounts[3]', { name: 'svid', mountPath: '/etc/haproxy/spiffe' }),
      {
        object: WORKLOAD,
        set: {
          at: 'spec.template.spec.containers[3].volumeMounts[1]',
          to: { name: 'svid', mountPath: '/etc/haproxy/spiffe' },
        },
      },
    ],
    expect: { check: 'san-contents', message: 'cert-manager-driver', culprit: WORKLOAD },
    // The files of that driver have other names than those that HAProxy's configuration asks for.
    also: ['cert-loaded/reload-failed'],
    cure: { by: 'commands' },
  },
  {
    name: 'backend-with-cert-manager',
    ids: ['S25'],
    about: 'cert-manager\u2019s driver gives the backend its certificates.',
    change: [
      ...INSTALLED,
      {
        object: 'Deployment shop/api',
        set: { at: 'spec.template.spec.volumes[0].csi', to: { driver: DRIVER, readOnly: true } },
      },
    ],
    expect: { check: 'san-contents', message: 'backend-uses-cert-manager', culprit: 'Service shop/api' },
    cure: {
      by: 'hand',
      because: 'the backend reads files of cert-manager, and has to be taught to ask the Workload API',
      hand: async ({ store, settle }) => {
        const api = store.get({ kind: 'Deployment', namespace: 'shop', name: 'api' });
        if (api === undefined) throw new Error('there is no backend');
        const text = JSON.stringify(api).replace(DRIVER, 'csi.spiffe.io');
        store.update(JSON.parse(text), { manager: 'helm' });
        await settle();
      },
    },
  },
];
