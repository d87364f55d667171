import { type Evidence, type Finding, type Fix, type Judged, unseenOf } from '../../src/doctor/check.ts';
import type { HaproxyMemory, LoadedCertificate } from '../../src/evidence/facts/haproxy-memory.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { type Origin, type Reading, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import { staleBundle } from './bundle.ts';
import { detached } from './detached.ts';
import { judgeLoading } from './loading.ts';
import { isSettled, type Scene, timeText, usageOf } from './scene.ts';
import { hungReload, onlyStopping } from './silence.ts';
import { staleCertificate } from './stale.ts';

/** Judges what the worker has loaded against what it should have. `behind`: disk is newer than memory. */
export interface MemoryJudgement extends Judged {
  readonly behind: boolean;
}

export function judgeMemory(scene: Scene): MemoryJudgement {
  const { haproxyMemory: memory } = scene;
  if (memory.state !== 'known')
    return { behind: false, findings: [], cannotTell: asUnknown(memory, "HAProxy's memory") };
  const hung = hungReload(scene, memory.value);
  if (hung) return { behind: false, findings: [hung], basis: 'observed' };
  const ending = onlyStopping(memory.value);
  if (ending) return { behind: false, findings: [], cannotTell: ending };
  const { svid } = memory.value;
  const loaded = svid.state === 'known' && svid.value.status !== 'Empty' ? svid.value : undefined;
  if (!loaded) {
    if (svid.state === 'unknown') return { behind: false, ...judgeLoading(scene, memory.value, svid) };
    return { behind: false, ...judgeLoading(scene, memory.value, undefined) };
  }
  if (loaded.status !== 'Used' && usageOf(scene).state === 'unused') {
    return { behind: false, findings: [], cannotTell: unknown('nothing-uses-it', 'no server line uses the SVID') };
  }
  const lost = detached(scene, memory.value, loaded);
  if (lost) return { behind: false, findings: [lost], basis: 'observed' };
  const outage = { at: loaded.notAfter, because: `the SVID in HAProxy's memory in pod ${scene.pod.ref.name} expires` };
  return {
    ...compare(scene, memory.value, loaded, svid.state === 'known' ? svid.from : {}),
    outage,
    basis: 'observed',
  };
}

function compare(scene: Scene, memory: HaproxyMemory, loaded: LoadedCertificate, from: Origin): MemoryJudgement {
  const { svidFiles } = scene;
  const expired = loaded.notAfter <= memory.at;
  const disk = svidFiles.state === 'known' ? svidFiles.value.svid : svidFiles;
  const leaf = disk.state === 'known' ? disk.value.certificates[0] : undefined;
  if (svidFiles.state !== 'known' || disk.state !== 'known' || !leaf) {
    const gone = expired ? [expiredNow(scene, { until: timeText(loaded.notAfter), disk: '' }, [{ from }])] : [];
    return { behind: false, findings: gone, cannotTell: asUnknown(disk, 'the SVID on disk') };
  }
  const files = svidFiles.value;
  if (leaf.sha1 !== loaded.sha1) {
    if (!isSettled(files)) return { behind: false, findings: [], cannotTell: ROTATING };
    const evidence = [
      { from, excerpt: `SHA1 FingerPrint: ${loaded.sha1}` },
      { from: disk.from, excerpt: `SHA-1 ${leaf.sha1}` },
    ];
    if (leaf.notBefore < loaded.notBefore) {
      const data = { memorySha1: loaded.sha1, diskSha1: leaf.sha1, file: files.paths.svid };
      return { behind: false, findings: [diskOlder(scene, data, evidence, loaded, memory.at)] };
    }
    return { behind: true, findings: [staleCertificate(scene, { memory, loaded, files, leaf, evidence })] };
  }
  if (expired) {
    const data = { until: timeText(loaded.notAfter), disk: ', and there is no newer one on disk' };
    return { behind: false, findings: [expiredNow(scene, data, [{ from }])] };
  }
  return compareBundles(scene, memory, files);
}

function compareBundles(scene: Scene, memory: HaproxyMemory, files: SvidFiles): MemoryJudgement {
  const stale = staleBundle(scene, memory, files);
  const unseen = [
    ...unseenOf("the trust bundle in HAProxy's memory", memory.bundle),
    ...unseenOf('the trust bundle on disk', files.bundle),
  ];
  if (stale === undefined) return { behind: false, findings: [], unseen };
  if (stale.phase !== 'latent' && !isSettled(files))
    return { behind: false, findings: [], cannotTell: ROTATING, unseen };
  return { behind: stale.phase !== 'latent', findings: [stale], unseen };
}

const ROTATING = unknown(
  'rotating',
  'the files changed less than 30 seconds ago; HAProxy may still be about to take them over. Look again in a minute',
);

function asUnknown(reading: Reading<unknown>, what: string): Unknown {
  if (reading.state === 'unknown') return reading;
  return unknown(
    'no-evidence',
    reading.state === 'absent' ? `${reading.what} is missing` : `${what} could not be read`,
  );
}

function expiredNow(scene: Scene, data: Finding['data'], evidence: readonly Evidence[]): Finding {
  const fix: Fix = {
    summary: 'Get SPIRE to issue a new SVID first; HAProxy has nothing better to load.',
    impact: 'none',
    manual: 'what keeps SPIRE or spiffe-helper from renewing is found further up the way',
  };
  return { message: 'expired', data, culprit: scene.pod.ref, evidence, fix };
}

/** A reload would go back to the older SVID; new pods begin with one that is newer than both. */
function diskOlder(
  scene: Scene,
  data: Finding['data'],
  evidence: readonly Evidence[],
  { notBefore, notAfter }: LoadedCertificate,
  now: number,
): Finding {
  const commands = now < (notBefore + notAfter) / 2 ? restartOf(scene.pod) : [];
  const summary =
    'Find out who pushes certificates that spiffe-helper did not write, and leave the files to spiffe-helper.';
  const fix: Fix =
    commands.length > 0
      ? {
          summary: `Replace the pods, so that files and memory begin with one new SVID. ${summary}`,
          commands,
          impact: 'rollout',
          preconditions: [
            'SPIRE still issues, as it did when the SVID in memory was made: a new pod starts without one',
          ],
        }
      : { summary, impact: 'none', manual: 'a reload would go back to the older SVID' };
  const avoid = ["don't reload HAProxy: it would go back to the older SVID on disk"];
  return { message: 'disk-older', data, culprit: scene.pod.ref, evidence, fix, avoid };
}
