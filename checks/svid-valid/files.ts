import type { CertificateFile, SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { type Reading, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { fileOf, type Look, type OwnFinding, SETTLED } from './look.ts';
import { AGENT_READY, replacePods } from './replace-pods.ts';

/** A file that is there and may be read; why it is not is another check's finding. */
export function presentFile(
  reading: Reading<CertificateFile>,
): { readonly state: 'known'; readonly value: CertificateFile } | Unknown {
  if (reading.state === 'unknown') return reading;
  if (reading.state === 'absent')
    return unknown('no-evidence', `${reading.what} is not there, so nothing can be compared with it`);
  return reading.value.readable
    ? reading
    : unknown('unreadable', `HAProxy\u2019s user may not read ${reading.value.stat.path}`);
}

export function isUsable({ certificates, broken }: CertificateFile): boolean {
  return certificates.length > 0 && broken.length === 0;
}

/** False when a file was written so lately, by the pod's own clock, that a rotation may still be under way. */
export function isSettled({ svid, key, bundle, podNow }: SvidFiles): boolean {
  const stats = [svid, key, bundle].flatMap((file) => (file.state === 'known' ? [file.value.stat] : []));
  return stats.every(({ mtime }) => Math.abs(podNow - mtime) >= SETTLED);
}

export function rotating({ paths }: SvidFiles): Unknown {
  return unknown('rotating', `the files in ${paths.directory} were written less than 30 s ago; look again`);
}

/** Whose files, and which. */
type Place = Pick<Look, 'files' | 'pod' | 'agents'>;

/** What is wrong with the bundle by itself. */
export function lookAtBundle(look: Place): readonly OwnFinding[] {
  const { files, pod } = look;
  if (files.bundle.state !== 'known' || !files.bundle.value.readable) return [];
  const bundle = files.bundle.value;
  const { certificates, broken, otherBlocks, stat } = bundle;
  const culprit = pod.workload;
  const data = { bundle: files.paths.bundle };
  const evidence = [
    { from: fileOf(pod, files.paths.bundle), excerpt: `${stat.size} bytes, certificates: ${certificates.length}` },
  ];
  const findings: OwnFinding[] = [];
  if (!isUsable(bundle) && isSettled(files)) {
    const why =
      broken[0] ?? (stat.size === 0 ? 'it is empty (no certificate or crl found)' : 'no certificate or crl found');
    findings.push({
      message: 'bundle-unusable',
      data: { ...data, why },
      culprit,
      evidence,
      fix: rewrite(look, AGENT_READY),
    });
  }
  if (otherBlocks.some((label) => label.endsWith('PRIVATE KEY'))) {
    const fix = rewrite(look, 'Whatever puts a key there has been found and mended.');
    findings.push({ message: 'bundle-with-key', data, culprit, evidence, fix });
  }
  return findings;
}

/** An SVID file in which HAProxy finds no certificate. */
export function lookAtEmptySvid(look: Place, { broken, stat }: CertificateFile): readonly OwnFinding[] {
  const { files, pod } = look;
  const why =
    broken[0] ?? (stat.size === 0 ? 'it is empty (no start line)' : 'it holds no certificate (no start line)');
  const evidence = [{ from: fileOf(pod, files.paths.svid), excerpt: `${stat.size} bytes` }];
  const data = { path: files.paths.svid, why };
  return [{ message: 'not-a-certificate', data, culprit: pod.workload, evidence, fix: rewrite(look, AGENT_READY) }];
}

function rewrite(look: Place, precondition: string) {
  return replacePods(look, 'Replace the pods one after another: a new helper writes all three files anew.', [
    precondition,
  ]);
}
