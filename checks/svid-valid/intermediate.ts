import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { CertificateFile } from '../../src/evidence/facts/svid-files.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { changeConfigMap, restartOf } from '../../src/evidence/workload-change.ts';
import { signedBy } from '../../src/evidence/x509/chain.ts';
import { fileOf, type Look, type OwnFinding } from './look.ts';
import { AGENT_READY } from './replace-pods.ts';

/** `add_intermediates_to_bundle` takes the intermediates away from what HAProxy presents. */
export function lookAtIntermediate(
  { leaf, svid, files, pod }: Look,
  bundle: CertificateFile,
  configs: Reading<readonly HelperConfigView[]>,
): OwnFinding | undefined {
  const issuer = bundle.certificates.find((one) => !one.selfSigned && signedBy(leaf, one));
  if (!issuer || svid.certificates.some(({ sha1 }) => sha1 === issuer.sha1)) return undefined;
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

function fixOf(pod: PodView, view: HelperConfigView, line: number): Fix {
  return {
    summary: 'Set add_intermediates_to_bundle = false, then replace the pods: the helper reads its configuration once.',
    commands: [...change(view, line), ...restartOf(pod)],
    durable: 'helper.conf in extraDeploy of the Helm values',
    impact: 'rollout',
    preconditions: [AGENT_READY],
  };
}

/** The text as it was seen may have lost comments and arguments to redaction; then it must not be written back. */
function change({ source, parsed }: HelperConfigView, line: number): readonly KubectlCommand[] {
  if (source.state !== 'known') return [];
  const { configMap, key, text } = source.value;
  const lines = text.split('\n');
  const before = lines[line - 1] ?? '';
  const after = before.replace(/(add_?intermediates_?to_?bundle"?[ \t]*=[ \t]*)"?true"?/i, '$1false');
  const whole =
    parsed.state === 'known' &&
    parsed.value.ok &&
    parsed.value.config.cmdArgs === undefined &&
    !/#|\/\/|\/\*/.test(text);
  if (after === before || !whole) {
    const scope = configMap.namespace === undefined ? {} : { namespace: configMap.namespace };
    return [{ ...scope, args: ['edit', `configmap/${configMap.name}`] }];
  }
  return [changeConfigMap(configMap, key, lines.with(line - 1, after).join('\n'))];
}
