import { type Fix, type Unseen, unseenOf } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { CertificateFile } from '../../src/evidence/facts/svid-files.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { changeHelperConfig, type TextChange } from '../../src/evidence/workload-change.ts';
import { signedBy } from '../../src/evidence/x509/chain.ts';
import { fileOf, type Look, type OwnFinding } from './look.ts';
import { AGENT_READY } from './replace-pods.ts';

/** `add_intermediates_to_bundle` takes the intermediates away from what HAProxy presents. */
export function lookAtIntermediate(
  { leaf, svid, files, pod }: Look,
  bundle: CertificateFile,
  configs: Reading<readonly HelperConfigView[]>,
): OwnFinding | undefined {
  const issuer = movedIssuer(leaf, svid, bundle);
  if (!issuer) return undefined;
  // A bundle may name an authority that is not self-signed, and every peer then holds it; only the setting proves a move.
  for (const view of configs.state === 'known' ? configs.value : []) {
    const { parsed, source } = view;
    const setting =
      parsed.state === 'known' && parsed.value.ok ? parsed.value.config.addIntermediatesToBundle : undefined;
    if (!setting?.value) continue;
    const origin = source.state === 'known' ? source.value.origin : { object: pod.ref };
    return {
      message: 'intermediate-missing',
      data: { path: files.paths.svid, bundle: files.paths.bundle, issuer: issuer.subject },
      culprit: source.state === 'known' ? source.value.configMap : pod.workload,
      evidence: [
        { from: { ...origin, line: setting.line }, excerpt: 'add_intermediates_to_bundle = true' },
        { from: fileOf(pod, files.paths.svid), excerpt: `leaf alone, issuer ${leaf.issuer}` },
      ],
      fix: fixOf(pod, view, setting.line),
    };
  }
  return undefined;
}

/** The setting that would tell a moved intermediate from an authority in the middle, where only it can tell. */
export function intermediateUnseen(
  { leaf, svid }: Look,
  bundle: CertificateFile,
  configs: Reading<readonly HelperConfigView[]>,
): readonly Unseen[] {
  if (!movedIssuer(leaf, svid, bundle)) return [];
  if (configs.state !== 'known') return unseenOf('helper.conf', configs);
  return configs.value.flatMap(({ helper, parsed }) => unseenOf(`helper.conf of ${helper}`, parsed));
}

/** The certificate in the bundle that signed the leaf and is neither a root nor presented beside it. */
function movedIssuer(leaf: Certificate, svid: CertificateFile, bundle: CertificateFile): Certificate | undefined {
  const issuer = bundle.certificates.find((one) => !one.selfSigned && signedBy(leaf, one));
  return issuer && !svid.certificates.some(({ sha1 }) => sha1 === issuer.sha1) ? issuer : undefined;
}

function fixOf(pod: PodView, { source }: HelperConfigView, line: number): Fix {
  const lines = source.state === 'known' ? source.value.text.split('\n') : [];
  const before = lines[line - 1] ?? '';
  const after = before.replace(/(add_?intermediates_?to_?bundle"?[ \t]*=[ \t]*)"?true"?/i, '$1false');
  const change: TextChange =
    source.state !== 'known' || after === before
      ? { manual: 'the setting does not stand on one line with its value: edit it by hand' }
      : changeHelperConfig(pod, source.value.configMap, source.value.key, lines.with(line - 1, after).join('\n'));
  return {
    summary: 'Set add_intermediates_to_bundle = false, then replace the pods: the helper reads its configuration once.',
    durable: 'helper.conf in extraDeploy of the Helm values',
    impact: 'rollout',
    ...change,
    preconditions: [AGENT_READY, ...('commands' in change ? (change.preconditions ?? []) : [])],
  };
}
