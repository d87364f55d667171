import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfigView, Setting } from '../../src/evidence/facts/helpers.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { withoutMaskedComments } from '../../src/evidence/helper-config/text-edit.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { changeHelperConfig } from '../../src/evidence/workload-change.ts';
import { octal } from './user.ts';

/** What spiffe-helper gives files when helper.conf says nothing. */
export const DEFAULT_KEY_MODE = 0o600;

/** cert_file_mode and key_file_mode that lock their own writer out. */
export function modeFindings(pod: PodView, view: HelperConfigView, files: SvidFiles | undefined): readonly Finding[] {
  if (view.parsed.state !== 'known' || !view.parsed.value.ok) return [];
  const { certFileMode, keyFileMode } = view.parsed.value.config;
  return [
    ...modeFinding(pod, view, 'cert_file_mode', certFileMode, '0644', files?.svid),
    ...modeFinding(pod, view, 'key_file_mode', keyFileMode, '0600', files?.key),
  ];
}

type SeenFile = SvidFiles['key'] | SvidFiles['svid'] | undefined;

function modeFinding(
  pod: PodView,
  view: HelperConfigView,
  key: string,
  setting: Setting<number> | undefined,
  usual: string,
  file: SeenFile,
): readonly Finding[] {
  if (!setting || !Number.isSafeInteger(setting.value) || setting.value <= 0) return [];
  const effective = setting.value & 0o777;
  if ((effective & 0o600) === 0o600) return [];
  const written = setting.value.toString(10);
  // `600` decodes to decimal 600 = 01130. What reads well as octal was meant as octal.
  const meant = /^[0-7]{3,4}$/.test(written) && (Number.parseInt(written, 8) & 0o600) === 0o600 ? written : undefined;
  const source = view.source.state === 'known' ? view.source.value : undefined;
  const lines = source?.text.split('\n') ?? [];
  const before = lines[setting.line - 1] ?? '';
  const value = meant === undefined ? usual : `0${meant}`;
  const after = before.replace(/=(\s*)"?[0-9A-Fa-fxX]+"?/, (_, space: string) => `=${space}${value}`);
  const text = lines.toSpliced(setting.line - 1, 1, after).join('\n');
  const name = source ? `ConfigMap ${source.configMap.namespace}/${source.configMap.name}` : '';
  // A file keeps the mode with which it was made: a good one shows that this setting has not been used yet.
  const unused = view.inEffect === 'no' || (file?.state === 'known' && (file.value.stat.mode & 0o600) === 0o600);
  return [
    {
      message: meant === undefined ? 'owner-locked-out' : 'decimal-mode',
      data: { helper: view.helper, key, written: meant ?? written, mode: octal(effective) },
      culprit: source?.configMap ?? pod.workload,
      phase: unused ? 'latent' : 'active',
      evidence: source
        ? [
            {
              from: {
                ...source.origin,
                line: (source.origin.file === undefined ? 1 : (source.origin.line ?? 1)) + setting.line - 1,
              },
              excerpt: before.trim(),
            },
          ]
        : [],
      fix: {
        summary: `Write ${key} = ${value}. Files keep the mode with which they were made, so the pods have to be made anew.`,
        ...(source && source.origin.file === undefined
          ? changeHelperConfig(pod, source.configMap, source.key, text)
          : {}),
        ...(source
          ? {
              edit: {
                file: source.origin.file ?? `${name}, ${source.key}`,
                line: (source.origin.file === undefined ? 1 : (source.origin.line ?? 1)) + setting.line - 1,
                before: withoutMaskedComments(before),
                after: withoutMaskedComments(after),
              },
            }
          : {}),
        durable: 'helper.conf in the ConfigMap of the Helm values (extraDeploy)',
        impact: 'rollout',
      },
    },
  ];
}
