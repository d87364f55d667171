import { cannotTell, examine, type Finding, type Fix, type Judgement } from '../../src/doctor/check.ts';
import type { BackendPod, IngressBackend } from '../../src/evidence/facts/ingress-backends.ts';
import type { EffectiveEntry, Registration } from '../../src/evidence/facts/registration.ts';
import type { ObjectRef, Origin, Unknown } from '../../src/evidence/reading.ts';
import { coversName } from '../../src/evidence/spire/dns-names.ts';

/** The names that backends' SVIDs will carry, against the name that HAProxy sends and verifies. */
export const ofIngress = examine({
  subject: 'ingress',
  needs: ['ingress', 'backends'],
  wants: ['watched'],
  applies: ({ ingress, watched }) => {
    if (ingress.state !== 'known') return { why: 'gone', detail: 'the Ingress is gone' };
    if (ingress.value.value !== 'true')
      return { why: 'nothing-uses-it', detail: `its annotation is ${JSON.stringify(ingress.value.value)}, not "true"` };
    return watched.state === 'known' && !watched.value
      ? { why: 'nothing-uses-it', detail: 'HAPTIC does not watch Ingresses of its class' }
      : undefined;
  },
  judge: ({ ingress, backends }): Judgement => {
    if (ingress.state !== 'known' || backends.state !== 'known') return [];
    const findings: Finding[] = [];
    let blind: Unknown | undefined;
    for (const backend of backends.value) {
      const judged = judgeBackend(backend, ingress.value.origin);
      findings.push(...judged.findings);
      blind ??= judged.blind;
    }
    return blind ? cannotTell(blind, findings) : findings;
  },
});

interface JudgedBackend {
  readonly findings: readonly Finding[];
  readonly blind?: Unknown;
}

function judgeBackend(backend: IngressBackend, ingressOrigin: Origin): JudgedBackend {
  const { service, sni } = backend;
  if (sni.state === 'unknown') return { findings: [], blind: sni };
  // Without SNI HAProxy up to 3.2 verifies no name, and a computed name cannot be foretold.
  if (sni.state === 'absent' || sni.value === 'none' || sni.value === '') return { findings: [] };
  const wanted = sni.value;
  const base = {
    culprit: service,
    evidence: [{ from: ingressOrigin }, { from: { object: service }, excerpt: `HAProxy verifies ${wanted}` }],
  };
  const why =
    backend.externalName !== undefined
      ? `an ExternalName (${backend.externalName})`
      : backend.exists.state === 'known' && !backend.hasSelector
        ? 'without a selector'
        : undefined;
  if (why !== undefined) {
    return {
      findings: [
        {
          ...base,
          message: 'backend-has-no-identity',
          data: { service: service.name, why, sni: wanted },
          fix: noIdentityFix(service),
        },
      ],
    };
  }
  if (backend.pods.state !== 'known')
    return backend.pods.state === 'unknown' ? { findings: [], blind: backend.pods } : { findings: [] };
  return judgePods(backend.pods.value, service, wanted, base);
}

function judgePods(
  pods: readonly BackendPod[],
  service: ObjectRef,
  wanted: string,
  base: Pick<Finding, 'culprit' | 'evidence'>,
): JudgedBackend {
  const byCause = new Map<string, { finding: Finding; pods: string[] }>();
  let blind: Unknown | undefined;
  for (const pod of pods) {
    const data = { service: service.name, sni: wanted, pods: [pod.ref.name] };
    const add = (finding: Omit<Finding, 'data'> & { readonly data?: Finding['data'] }, key: string) => {
      const group = byCause.get(key);
      if (group) group.pods.push(pod.ref.name);
      else byCause.set(key, { finding: { ...finding, data: { ...data, ...finding.data } }, pods: [pod.ref.name] });
    };
    if (pod.spiffeVolume === 'cert-manager') {
      add({ ...base, message: 'backend-uses-cert-manager', fix: certManagerFix() }, 'cert-manager');
      continue;
    }
    if (pod.registration.state !== 'known') {
      if (pod.registration.state === 'unknown') blind ??= pod.registration;
      continue;
    }
    const judged = judgeRegistration(pod.registration.value, wanted, base);
    if (judged === undefined) continue;
    if ('why' in judged) blind ??= judged;
    else add(judged.finding, judged.key);
  }
  const findings = [...byCause.values()].map(({ finding, pods: names }) => ({
    ...finding,
    data: { ...finding.data, pods: shorten(names) },
  }));
  return blind ? { findings, blind } : { findings };
}

type Judged =
  | { readonly key: string; readonly finding: Omit<Finding, 'data'> & { readonly data: Finding['data'] } }
  | Unknown
  | undefined;

function judgeRegistration(
  { effective, passedOver, manualEntriesPossible }: Registration,
  wanted: string,
  base: Pick<Finding, 'culprit' | 'evidence'>,
): Judged {
  if (effective.length === 0) {
    const unclear = passedOver.find(({ because }) => because === 'cannot-tell');
    if (unclear || manualEntriesPossible)
      return {
        state: 'unknown',
        why: 'no-evidence',
        detail: unclear?.detail ?? 'there is no ClusterSPIFFEID; entries made by hand are not seen',
      };
    const closest = passedOver.toSorted((a, b) => b.closeness - a.closeness)[0];
    if (!closest) return undefined;
    const { clusterSpiffeId, detail } = closest;
    const evidence = [...base.evidence, { from: { object: clusterSpiffeId }, excerpt: detail }];
    return {
      key: `unregistered ${clusterSpiffeId.name}`,
      finding: {
        message: 'backend-not-registered',
        culprit: clusterSpiffeId,
        evidence,
        data: { clusterSpiffeId: clusterSpiffeId.name, detail },
        fix: registerFix(clusterSpiffeId),
      },
    };
  }
  // With several entries the default SVID is any of them, so each has to have the name.
  for (const entry of effective) {
    if (entry.dnsNames.state !== 'known') return entry.dnsNames.state === 'unknown' ? entry.dnsNames : undefined;
    const names = entry.dnsNames.value;
    if (names.some((name) => coversName(name, wanted))) continue;
    return {
      key: `${entry.clusterSpiffeId.name} ${names.length}`,
      finding: nameFinding(entry, names, hiddenBy(passedOver), base),
    };
  }
  return undefined;
}

function nameFinding(
  entry: EffectiveEntry,
  names: readonly string[],
  hidden: string,
  base: Pick<Finding, 'culprit' | 'evidence'>,
) {
  const { clusterSpiffeId, autoPopulateDnsNames } = entry;
  const evidence = [
    ...base.evidence,
    { from: { object: clusterSpiffeId, field: 'spec' }, excerpt: `autoPopulateDNSNames: ${autoPopulateDnsNames}` },
  ];
  const none = names.length === 0 && !autoPopulateDnsNames;
  return {
    message: none ? 'backend-lacks-dns-names' : 'backend-name-differs',
    culprit: clusterSpiffeId,
    evidence,
    data: { clusterSpiffeId: clusterSpiffeId.name, names: names.length > 0 ? names : ['no name'], hidden },
    fix: autoPopulateDnsNames ? endpointsFix(base.culprit) : autoPopulateFix(clusterSpiffeId),
  };
}

function hiddenBy(passedOver: Registration['passedOver']): string {
  const masked = passedOver.find(({ because }) => because === 'masked' || because === 'fallback-not-needed');
  return masked ? ` (${masked.clusterSpiffeId.name} does not count: ${masked.detail})` : '';
}

function autoPopulateFix(clusterSpiffeId: ObjectRef): Fix {
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

function endpointsFix(service: ObjectRef): Fix {
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

function registerFix(clusterSpiffeId: ObjectRef): Fix {
  return {
    summary: `make ClusterSPIFFEID ${clusterSpiffeId.name} select these pods, or register them with an object of their own`,
    durable: 'controllerManager.identities.clusterSPIFFEIDs in the values of the SPIRE chart',
    manual: 'which workloads an identity is for is a decision about security that nobody can take for you',
    impact: 'cluster-wide',
    preconditions: ['the selectors match nothing that must not have the same identity'],
  };
}

function noIdentityFix(service: ObjectRef): Fix {
  return {
    summary: `take the mTLS annotation off this Ingress, or route to a Service whose pods SPIRE knows instead of ${service.name}`,
    manual: 'what stands behind the Service is outside SPIRE',
    impact: 'none',
  };
}

function certManagerFix(): Fix {
  return {
    summary:
      "give these pods SPIRE's driver csi.spiffe.io instead of spiffe.csi.cert-manager.io, or take the annotation off",
    manual: 'the workload has to read its SVID from the Workload API then',
    impact: 'rollout',
  };
}

function shorten(names: readonly string[]): readonly string[] {
  return names.length <= 3 ? names : [...names.slice(0, 3), `${names.length - 3} more`];
}
