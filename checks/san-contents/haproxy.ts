import { cannotTell, type Examination, type Fix, type Judged } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { EffectiveEntry, Registration } from '../../src/evidence/facts/registration.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { replacementOf } from '../../src/evidence/pod-replacement.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, unknown } from '../../src/evidence/reading.ts';
import { mergeInto } from '../../src/evidence/registration-change.ts';
import { utc } from '../../src/evidence/x509/spans.ts';
import { expectationFindings, expectationUnseen } from './expectation.ts';
import { certManagerFinding, type HaproxyFinding, placeholderFix, strangersAt, volumeAt } from './placement.ts';
import { brokenRules } from './svid-rules.ts';

const GUIDE_DIRECTORY = '/etc/haproxy/spiffe';
const NEEDS = ['pod'] as const;
const WANTS = ['svidFiles', 'workloadApiVolumes', 'servingAgents', 'registration'] as const;

/** The certificate that HAProxy presents: is it an SVID, and the one that this pod should have? */
export const haproxyExamination: Examination<'haproxy-pod', (typeof NEEDS)[number], (typeof WANTS)[number]> = {
  subject: 'haproxy-pod',
  needs: NEEDS,
  wants: WANTS,
  judge({ pod, svidFiles, workloadApiVolumes, servingAgents, registration }): Judged {
    if (pod.state !== 'known') return cannotTell(unknown('no-evidence', 'there is no pod'));
    const directory = svidFiles.state === 'known' ? svidFiles.value.paths.directory : GUIDE_DIRECTORY;
    const foreign = certManagerFinding(pod.value, workloadApiVolumes, directory);
    if (foreign) return { findings: [foreign], basis: 'declared' };
    if (svidFiles.state !== 'known') {
      return cannotTell(
        svidFiles.state === 'unknown' ? svidFiles : unknown('no-evidence', 'there are no files to look at'),
      );
    }
    const { svid } = svidFiles.value;
    if (svid.state === 'unknown') return cannotTell(svid);
    const leaf = svid.state === 'known' ? svid.value.certificates[0] : undefined;
    if (!leaf)
      return cannotTell(unknown('no-evidence', `there is no certificate in ${svidFiles.value.paths.svid} to look at`));
    const findings = isPlaceholder(leaf)
      ? [placeholderFinding(pod.value, svidFiles.value, leaf, servingAgents)]
      : [
          ...ruleFindings(pod.value, svidFiles.value, leaf, servingAgents, registration),
          ...expectationFindings(pod.value, svidFiles.value, leaf, servingAgents, registration),
        ];
    return { findings, basis: 'observed', unseen: expectationUnseen(servingAgents, registration) };
  },
};

function isPlaceholder({ subject, uris, selfSigned }: Certificate): boolean {
  return uris.length === 0 && selfSigned && /validation-placeholder/i.test(subject);
}

function placeholderFinding(
  pod: PodView,
  files: SvidFiles,
  leaf: Certificate,
  agents: Reading<readonly ServingAgent[]>,
): HaproxyFinding {
  const volume = volumeAt(pod, files.paths.svid);
  const mounted =
    volume?.type === 'configMap' ? `: the ConfigMap ${volume.configMap} is mounted over the directory` : '';
  return {
    message: 'placeholder',
    data: { path: files.paths.svid, subject: leaf.subject, mounted },
    culprit: pod.workload,
    evidence: [{ from: { object: pod.ref, field: files.paths.svid }, excerpt: leaf.subject }],
    fix: placeholderFix(pod, files.paths.svid, agents),
  };
}

function ruleFindings(
  pod: PodView,
  { paths }: SvidFiles,
  leaf: Certificate,
  agents: Reading<readonly ServingAgent[]>,
  registration: Reading<Registration>,
): readonly HaproxyFinding[] {
  const signing =
    registration.state === 'known' ? registration.value.effective.find(({ downstream }) => downstream) : undefined;
  return brokenRules(leaf).map(({ message, data, excerpt }) => ({
    message,
    data: { path: paths.svid, ...data },
    culprit: pod.workload,
    evidence: [
      {
        from: { object: pod.ref, field: paths.svid },
        excerpt: `${excerpt} (issuer ${leaf.issuer}, since ${utc(leaf.notBefore)})`,
      },
    ],
    fix:
      message === 'is-authority' && signing ? signingFix(pod, signing, agents) : strangerFix(pod, paths.svid, agents),
  }));
}

/** The entry asks for a certificate that signs; what a new helper gets without that is a workload's. */
function signingFix(pod: PodView, { clusterSpiffeId }: EffectiveEntry, agents: Reading<readonly ServingAgent[]>): Fix {
  const replacement = replacementOf(pod, agents);
  return {
    summary: `Take downstream out of ClusterSPIFFEID ${clusterSpiffeId.name}, which lets HAProxy sign identities, and replace the pods.`,
    commands: [
      mergeInto(clusterSpiffeId, { downstream: null }),
      ...('commands' in replacement ? replacement.commands : []),
    ],
    durable: 'the ClusterSPIFFEID\u2019s manifest, or controllerManager.identities.clusterSPIFFEIDs of the SPIRE chart',
    impact: 'cluster-wide',
    preconditions: ['no nested SPIRE server is among the pods that the object selects: it could sign nothing any more'],
    undo: 'set spec.downstream back to true',
  };
}

/** A directory that a new pod gets empty, and that the helper alone writes, holds what SPIRE issued afterwards. */
function strangerFix(pod: PodView, path: string, agents: Reading<readonly ServingAgent[]>): Fix {
  const strangers = strangersAt(pod, path);
  const helped = pod.containers.some(({ role }) => role === 'spiffe-helper');
  if (volumeAt(pod, path)?.type !== 'emptyDir' || !helped || strangers.length > 0) {
    return {
      summary:
        'Find out who issued this certificate and what writes it there: SPIRE issues none like it. Then let spiffe-helper alone write the directory.',
      impact: 'rollout',
      manual:
        strangers.length > 0
          ? `Container ${strangers.join(', ')} writes into the same volume; whether it is meant to is not visible here.`
          : 'The certificate did not come from SPIRE, or a plugin of its server changed it; where it came from is not visible here.',
    };
  }
  return {
    summary:
      'Replace the pods one after another: SPIRE issues no certificate like this, and a new pod begins with an empty directory that spiffe-helper alone writes.',
    ...replacementOf(pod, agents),
    impact: 'rollout',
    preconditions: [
      'Nobody copied the certificate there by a script that runs again, and no plugin of the SPIRE server made it so.',
      'The SPIRE agent on the pod\u2019s node is ready: a new pod needs a new SVID.',
    ],
  };
}
