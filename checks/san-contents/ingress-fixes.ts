import type { Fix } from '../../src/doctor/check.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';

export function autoPopulateFix(clusterSpiffeId: ObjectRef): Fix {
  const body = { spec: { autoPopulateDNSNames: true } };
  return {
    summary: `let ClusterSPIFFEID ${clusterSpiffeId.name} add the names of Services to SVIDs`,
    commands: [
      { args: ['patch', 'clusterspiffeid', clusterSpiffeId.name, '--type', 'merge', '--patch', JSON.stringify(body)] },
    ],
    patch: { target: clusterSpiffeId, type: 'merge', body },
    durable:
      'spire-server.controllerManager.identities.clusterSPIFFEIDs.<key>.autoPopulateDNSNames: true in the values of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: [
      'every pod that the object selects gets a new SVID with the names of its Services; workloads must pick up new SVIDs by themselves',
    ],
    undo: 'set autoPopulateDNSNames back to false',
  };
}

export function endpointsFix(service: ObjectRef): Fix {
  return {
    summary: `let the Service select the pods, or verify a name that their SVIDs carry`,
    commands: [
      {
        ...(service.namespace === undefined ? {} : { namespace: service.namespace }),
        args: ['get', 'endpoints', service.name, '-o', 'wide'],
      },
    ],
    manual: 'names come from the Services whose Endpoints contain the pod: which of them should, only you know',
    impact: 'none',
  };
}

export function registerFix(clusterSpiffeId: ObjectRef): Fix {
  return {
    summary: `make ClusterSPIFFEID ${clusterSpiffeId.name} select these pods, or register them with an object of their own`,
    durable: 'controllerManager.identities.clusterSPIFFEIDs in the values of the SPIRE chart',
    manual: 'which workloads an identity is for is a decision about security that nobody can take for you',
    impact: 'cluster-wide',
    preconditions: ['the selectors match nothing that must not have the same identity'],
  };
}

export function noIdentityFix(service: ObjectRef): Fix {
  return {
    summary: `take the mTLS annotation off this Ingress, or route to a Service whose pods SPIRE knows instead of ${service.name}`,
    manual: 'what stands behind the Service is outside SPIRE',
    impact: 'none',
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
