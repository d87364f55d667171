import type { Fix } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { KeyFile } from '../../src/evidence/facts/svid-files.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';
import { utc } from '../../src/evidence/x509/spans.ts';
import { fileOf, type Look, type OwnFinding } from './look.ts';
import { AGENT_READY, replacePods } from './replace-pods.ts';

const AFRESH = 'Replace the pods one after another: a new helper writes certificate and key together.';

/** Whether the key file holds the private half of the leaf, as far as the public half can be had. */
export function lookAtKey(
  look: Look,
  key: KeyFile,
  configs: Reading<readonly HelperConfigView[]>,
): readonly OwnFinding[] {
  const { files, leaf, svid, pod } = look;
  // HAProxy takes a key that stands in the certificate's own file and ignores the other.
  if (svid.otherBlocks.some((label) => label.endsWith('PRIVATE KEY') || label === '?')) return [];
  const data = { path: files.paths.svid, key: files.paths.key };
  if (key.stat.size === 0 && key.stat.type === 'file') {
    const written = utc(key.stat.mtime - (files.podNow - files.at));
    const evidence = [{ from: fileOf(pod, files.paths.key), excerpt: '0 bytes' }];
    return [
      {
        message: 'key-empty',
        data: { ...data, written },
        culprit: pod.workload,
        evidence,
        fix: replacePods(look, AFRESH, [AGENT_READY]),
      },
    ];
  }
  if (key.spkiSha256.state !== 'known' || key.spkiSha256.value === leaf.spkiSha256) return [];
  const writers = writersOf(look, configs);
  const twice = writers.length > 1;
  return [
    {
      message: 'key-mismatch',
      data: { ...data, writers: twice ? ` ${writers.join(' and ')} write into the same directory.` : '' },
      culprit: pod.workload,
      evidence: [
        { from: fileOf(pod, files.paths.svid), excerpt: `public key SHA-256 ${leaf.spkiSha256}` },
        { from: fileOf(pod, files.paths.key), excerpt: `public half SHA-256 ${key.spkiSha256.value}` },
      ],
      fix: twice ? leaveOut(pod, writers) : replacePods(look, AFRESH, [AGENT_READY]),
    },
  ];
}

/** Helpers whose configuration names HAProxy's directory, when there is more than one. */
function writersOf({ files }: Look, configs: Reading<readonly HelperConfigView[]>): readonly string[] {
  return (configs.state === 'known' ? configs.value : []).flatMap(({ helper, parsed }) => {
    const directory = parsed.state === 'known' && parsed.value.ok ? parsed.value.config.certDir?.value : undefined;
    return directory?.replace(/\/{1,8}$/, '') === files.paths.directory ? [helper] : [];
  });
}

/** The first stays: whatever the others fetch, HAProxy reads one pair of files. */
function leaveOut(pod: PodView, [kept = '', ...others]: readonly string[]): Fix {
  const superfluous = pod.containers.filter(({ name }) => others.includes(name));
  const lists = superfluous.map((container) => containerPatch(container, { $patch: 'delete' }));
  const commands = lists.flatMap((list) => changeTemplate(pod, list));
  return {
    summary: `Leave one helper: take ${others.join(', ')} out of the pods, or give it a cert_dir of its own.`,
    ...(commands.length > 0
      ? { commands }
      : { manual: 'Nothing makes this pod again: whoever made it has to change it.' }),
    durable: 'haproxy.sidecars of the Helm values; cert_dir in helper.conf',
    impact: 'rollout',
    preconditions: [`Nobody needs what ${others.join(', ')} fetches beside ${kept}.`, AGENT_READY],
  };
}
