import type { Evidence, Finding, MessageData } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { HaproxyMemory, LoadedCertificate } from '../../src/evidence/facts/haproxy-memory.ts';
import type { ReloaderLogView } from '../../src/evidence/facts/reloader.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { bundlesDiffer } from './bundle.ts';
import { avoidReload, RELOADER_SCRIPT, reloadFix } from './fixes.ts';
import type { MessageId } from './messages.ts';
import { durationText, newestFileAge, type Scene, timeText } from './scene.ts';

interface Difference {
  readonly memory: HaproxyMemory;
  readonly loaded: LoadedCertificate;
  readonly files: SvidFiles;
  readonly leaf: Certificate;
  readonly evidence: readonly Evidence[];
}

/** The SVID on disk has not reached memory: says why, as far as the reloader's log and script tell. */
export function staleCertificate(scene: Scene, { memory, loaded, files, leaf, evidence }: Difference): Finding {
  const age = newestFileAge(files) ?? 0;
  const data = {
    memorySha1: loaded.sha1,
    diskSha1: leaf.sha1,
    file: files.paths.svid,
    age: durationText(age),
    until: timeText(loaded.notAfter),
    memoryValidity: `${loaded.notAfter <= memory.at ? 'expired at' : 'valid until'} ${timeText(loaded.notAfter)}`,
    also: bundlesDiffer(memory, files) ? ' Its trust bundle is out of date too.' : '',
  };
  const since = memory.at - age;
  const { message, more, seen } = explanation(scene, since);
  return {
    message,
    ...(isHindered(scene, since) ? { role: 'symptom' as const } : {}),
    data: { ...data, ...more },
    culprit: scene.pod.ref,
    evidence: [...evidence, ...seen],
    since,
    fix: reloadFix(scene, RELOADER_SCRIPT),
    ...avoidReload(scene),
  };
}

interface Explanation {
  readonly message: MessageId;
  readonly more: MessageData;
  readonly seen: readonly Evidence[];
}

/** Tolerance for clocks and for the second in which the reloader waits before it pushes. */
const SLACK = 10_000;

function explanation(scene: Scene, changedAt: number): Explanation {
  const { reloaderLogs, reloaders } = scene;
  const log = reloaderLogs.state === 'known' ? reloaderLogs.value[0] : undefined;
  if (reloaderLogs.state !== 'known' || !log) return { message: 'stale-certificate', more: {}, seen: [] };
  const { lastPush: push, lastSkip: skip } = log;
  const said = (text: string): Evidence => ({ from: reloaderLogs.from, excerpt: text });
  if (push && push.at >= changedAt - SLACK) {
    const words = push.errors[0];
    if (push.certificate !== 'failed' || words === undefined)
      return { message: 'stale-certificate', more: {}, seen: [] };
    return {
      message: 'push-failed',
      more: failureData(log, words, ' The rotation has not reached memory.'),
      seen: push.errors.map(said),
    };
  }
  if (skip && skip.at >= changedAt - SLACK) {
    return { message: 'skipped-update', more: { reloader: log.container, said: skip.text }, seen: [said(skip.text)] };
  }
  const view =
    reloaders.state === 'known' ? reloaders.value.find(({ container }) => container.name === log.container) : undefined;
  const race = view?.baselineRace ? ' (its first poll after a start only remembers what it sees)' : '';
  const started =
    log.startedAt === undefined
      ? 'no push since the files changed'
      : `running since ${timeText(log.startedAt)}, no push since the files changed`;
  return { message: 'missed-rotation', more: { reloader: log.container, race }, seen: [said(started)] };
}

/** The reloader cannot work at all, which is another check's finding: what it has not pushed follows from that. */
function isHindered({ reloaderLogs }: Scene, changedAt: number): boolean {
  return (
    reloaderLogs.state === 'known' &&
    reloaderLogs.value.some(({ lines }) =>
      lines.some(({ at, text }) => at >= changedAt - SLACK && /socat: .*not found|Permission denied/.test(text)),
    )
  );
}

export function failureData(log: ReloaderLogView, said: string, consequence: string): MessageData {
  return { reloader: log.container, said, consequence: consequence.trim() };
}
