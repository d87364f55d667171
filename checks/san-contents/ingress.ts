import { cannotTell, examine, type Finding, type Judgement } from '../../src/doctor/check.ts';
import type { BackendPod, IngressBackend } from '../../src/evidence/facts/ingress-backends.ts';
import type { AnnotatedIngress } from '../../src/evidence/facts/installation.ts';
import type { EffectiveEntry, Registration } from '../../src/evidence/facts/registration.ts';
import type { Unknown } from '../../src/evidence/reading.ts';
import { coversName } from '../../src/evidence/spire/dns-names.ts';
import { autoPopulateFix, certManagerFix, nameFix, noIdentityFix, registerFix, type Wanted } from './ingress-fixes.ts';

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
      const judged = judgeBackend(backend, ingress.value);
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

function judgeBackend(backend: IngressBackend, ingress: AnnotatedIngress): JudgedBackend {
  const { service, sni } = backend;
  if (sni.state === 'unknown') return { findings: [], blind: sni };
  // Without SNI HAProxy up to 3.2 verifies no name, and a computed name cannot be foretold.
  if (sni.state === 'absent' || sni.value === 'none' || sni.value === '') return { findings: [] };
  const wanted = sni.value;
  const base = {
    culprit: service,
    evidence: [{ from: ingress.origin }, { from: { object: service }, excerpt: `HAProxy verifies ${wanted}` }],
  };
  const why =
    backend.externalName !== undefined
      ? `an ExternalName (${backend.externalName})`
      : backend.exists.state === 'known' && !backend.hasSelector && hasNobody(backend)
        ? 'without a selector'
        : undefined;
  if (why !== undefined) {
    return {
      findings: [
        {
          ...base,
          message: 'backend-has-no-identity',
          data: { service: service.name, why, sni: wanted },
          fix: noIdentityFix(service, ingress),
        },
      ],
    };
  }
  // Nobody behind it is as it should be for some Services and not for others.
  if (backend.exists.state === 'unknown' && hasNobody(backend)) return { findings: [], blind: backend.exists };
  if (backend.pods.state !== 'known')
    return backend.pods.state === 'unknown' ? { findings: [], blind: backend.pods } : { findings: [] };
  return judgePods(backend.pods.value, wanted, base);
}

/** Endpoints made by hand may name pods all the same. */
function hasNobody({ pods }: IngressBackend): boolean {
  return pods.state === 'absent' || (pods.state === 'known' && pods.value.length === 0);
}

function judgePods(
  pods: readonly BackendPod[],
  wanted: string,
  base: Pick<Finding, 'culprit' | 'evidence'>,
): JudgedBackend {
  const byCause = new Map<string, { finding: Finding; pods: string[] }>();
  let blind: Unknown | undefined;
  for (const pod of pods) {
    const data = { service: base.culprit.name, sni: wanted, pods: [pod.ref.name] };
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
    const judged = judgeRegistration(pod.registration.value, { wanted, pod: pod.view, base });
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

function judgeRegistration(registration: Registration, looking: Wanted): Judged {
  const { effective, passedOver, manualEntriesPossible } = registration;
  const { wanted, base } = looking;
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
        fix: registerFix(closest, registration, looking),
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
      finding: nameFinding(entry, names, registration, looking),
    };
  }
  return undefined;
}

function nameFinding(entry: EffectiveEntry, names: readonly string[], registration: Registration, looking: Wanted) {
  const { base } = looking;
  const hidden = hiddenBy(registration.passedOver);
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
    fix: autoPopulateDnsNames ? nameFix(entry, registration, looking) : autoPopulateFix(clusterSpiffeId),
  };
}

function hiddenBy(passedOver: Registration['passedOver']): string {
  const masked = passedOver.find(({ because }) => because === 'masked' || because === 'fallback-not-needed');
  return masked ? ` (${masked.clusterSpiffeId.name} does not count: ${masked.detail})` : '';
}

function shorten(names: readonly string[]): readonly string[] {
  return names.length <= 3 ? names : [...names.slice(0, 3), `${names.length - 3} more`];
}
