import { cannotTell, type Examination, type Judged } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, unknown } from '../../src/evidence/reading.ts';
import { utc } from '../../src/evidence/x509/spans.ts';
import { expectationFindings } from './expectation.ts';
import { certManagerFinding, type HaproxyFinding, placeholderFix, volumeAt } from './placement.ts';
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
          ...ruleFindings(pod.value, svidFiles.value, leaf),
          ...expectationFindings(pod.value, svidFiles.value, leaf, servingAgents, registration),
        ];
    return { findings, basis: 'observed' };
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
    fix: placeholderFix(pod, volume, agents),
  };
}

function ruleFindings(pod: PodView, { paths }: SvidFiles, leaf: Certificate): readonly HaproxyFinding[] {
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
    fix: {
      summary:
        'Find out who issued this certificate and what writes it there: SPIRE issues none like it. Then let spiffe-helper alone write the directory.',
      impact: 'rollout',
      manual:
        'The certificate did not come from SPIRE, or a plugin of its server changed it; where it came from is not visible here.',
    },
  }));
}
