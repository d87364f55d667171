import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import type { ObjectChange } from './fault.ts';

/** The object that the SPIRE chart makes by itself. */
export const DEFAULT_ID = 'ClusterSPIFFEID spire-server-spire-default';
/** What people add to it. */
export const OWN_ID = 'ClusterSPIFFEID haptic-haproxy';

export const USUAL_TEMPLATE =
  'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}';

/** The labels of HAProxy's pods. */
export const HAPROXY_LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/instance': 'haptic',
  'app.kubernetes.io/component': 'loadbalancer',
};

/** A field of the chart's own object; without `to` it goes. */
export function defaultId(at: string, to?: Editable): ObjectChange {
  return { object: DEFAULT_ID, set: to === undefined ? { at: `spec.${at}` } : { at: `spec.${at}`, to } };
}

/** The chart's own object registers nothing but one namespace: others are to bring objects of their own. */
export function onlyNamespace(name: string): ObjectChange {
  return defaultId('namespaceSelector', { matchLabels: { 'kubernetes.io/metadata.name': name } });
}

/** An object for HAProxy's pods, as the chart's controller takes it but for what is given. */
export function ownId(spec: EditableObject, name = 'haptic-haproxy'): ObjectChange {
  return {
    add: {
      apiVersion: 'spire.spiffe.io/v1alpha1',
      kind: 'ClusterSPIFFEID',
      metadata: { name },
      spec: {
        className: 'spire-server-spire',
        spiffeIDTemplate: USUAL_TEMPLATE,
        podSelector: { matchLabels: { ...HAPROXY_LABELS } },
        ...spec,
      },
    },
  };
}
