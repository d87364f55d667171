import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { AnnotatedIngress } from '../../src/evidence/facts/installation.ts';
import type { EffectiveEntry, PassedOver, Registration } from '../../src/evidence/facts/registration.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { mergeInto, type OwnObject, registerPods, registrationChange } from '../../src/evidence/registration-change.ts';

/** What one pod behind a Service is looked at for. */
export interface Wanted {
  /** The name that HAProxy verifies. */
  readonly wanted: string;
  readonly pod: PodView;
  /** The Service, and why it matters. */
  readonly base: Pick<Finding, 'culprit' | 'evidence'>;
}

const IDENTITIES = 'controllerManager.identities.clusterSPIFFEIDs in the values of the SPIRE chart';

export function autoPopulateFix(clusterSpiffeId: ObjectRef): Fix {
  const spec = { autoPopulateDNSNames: true };
  return {
    summary: `let ClusterSPIFFEID ${clusterSpiffeId.name} add the names of Services to SVIDs`,
    commands: [mergeInto(clusterSpiffeId, spec)],
    patch: { target: clusterSpiffeId, type: 'merge', body: { spec } },
    durable:
      'spire-server.controllerManager.identities.clusterSPIFFEIDs.<key>.autoPopulateDNSNames: true in the values of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: [
      'every pod that the object selects gets a new SVID with the names of its Services; workloads must pick up new SVIDs by themselves',
    ],
    undo: 'set autoPopulateDNSNames back to false',
  };
}

/** The names of the pods' Services come by themselves; the one that HAProxy verifies has to be added. */
export function nameFix(entry: EffectiveEntry, registration: Registration, { wanted, pod }: Wanted): Fix {
  const { clusterSpiffeId, dnsNameTemplates, fallback, selectsPods, spiffeIdTemplate, hint } = entry;
  // Whatever else a fallback registers must not get a name of these pods; an object of their own takes its place for them.
  const own = fallback
    ? registerPods(pod, registration, {
        spiffeIdTemplate,
        ...(hint === undefined ? {} : { hint }),
        autoPopulateDnsNames: true,
        dnsNames: [...dnsNameTemplates, wanted],
      })
    : undefined;
  if (own) {
    return { ...own, durable: IDENTITIES, impact: 'cluster-wide' };
  }
  const summary = `let the SVIDs of these pods carry ${wanted}, or verify a name that they carry`;
  if (!selectsPods) {
    return {
      summary,
      durable: IDENTITIES,
      manual: `ClusterSPIFFEID ${clusterSpiffeId.name} registers pods of all kinds, and with this name any of them could pose as this Service`,
      impact: 'cluster-wide',
    };
  }
  return {
    summary: `Add ${wanted} to the dnsNameTemplates of ClusterSPIFFEID ${clusterSpiffeId.name}.`,
    commands: [mergeInto(clusterSpiffeId, { dnsNameTemplates: [...dnsNameTemplates, wanted] })],
    durable: IDENTITIES,
    impact: 'cluster-wide',
    preconditions: ['the object selects the pods of this Service alone: all that it selects get the name'],
    undo: 'set spec.dnsNameTemplates back to what it was',
  };
}

/** Registers the pods behind the Service, with the name that HAProxy verifies. */
export function registerFix(closest: PassedOver, registration: Registration, { wanted, pod, base }: Wanted): Fix {
  const { name, namespace = '' } = base.culprit;
  const byService = [name, `${name}.${namespace}`, `${name}.${namespace}.svc`].includes(wanted);
  const names: OwnObject = { autoPopulateDnsNames: true, ...(byService ? {} : { dnsNames: [wanted] }) };
  const change = registrationChange(closest, pod, registration, names);
  if (change) {
    return { ...change, durable: IDENTITIES, impact: 'cluster-wide' };
  }
  return {
    summary: `make ClusterSPIFFEID ${closest.clusterSpiffeId.name} select these pods, or register them with an object of their own`,
    durable: IDENTITIES,
    manual:
      'no controller was seen that would reconcile an object for these pods, or they have no labels to select them by',
    impact: 'cluster-wide',
  };
}

/** Nothing behind the Service can ever have an SVID, so the Ingress must not ask for one. */
export function noIdentityFix(service: ObjectRef, { ref, annotation }: AnnotatedIngress): Fix {
  return {
    summary: `take the mTLS annotation off this Ingress, or route to a Service whose pods SPIRE knows instead of ${service.name}`,
    commands: [
      {
        ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
        args: ['annotate', `ingress/${ref.name}`, `${annotation}-`],
      },
    ],
    durable: 'the annotations in the Ingress\u2019s manifest',
    impact: 'reload',
    preconditions: [
      `HAProxy may speak to ${service.name}, and to whatever else this Ingress routes to, without TLS: requests that get 503 now would go in the clear`,
    ],
    undo: `annotate the Ingress with ${annotation}=true again`,
  };
}

export function certManagerFix(): Fix {
  return {
    summary:
      "give these pods SPIRE's driver csi.spiffe.io instead of spiffe.csi.cert-manager.io, or take the annotation off",
    manual: 'the workload has to read its SVID from the Workload API then',
    impact: 'rollout',
  };
}
