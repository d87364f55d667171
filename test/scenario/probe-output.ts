import type { ProbeAnswer } from '../../src/evidence/snapshot.ts';
import {
  basename,
  caFileList,
  certificateList,
  type FakeMemory,
  nameOf,
  showCaFile,
  showCertificate,
  showInfo,
  showProc,
  showStat,
  startupLogs,
} from './haproxy-answers.ts';
import { type FakeDisk, type FakePaths, renderDisk } from './probe-disk.ts';

export type { FakeMemory } from './haproxy-answers.ts';

/** What a pod of a scenario shows to the in-pod probe. Times are epoch milliseconds. */
export interface FakePod {
  /** The pod's own clock while the probe runs. */
  readonly podNow: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
  readonly paths: FakePaths;
  readonly disk: FakeDisk;
  /** Absent: nothing listens on the socket. */
  readonly memory?: FakeMemory;
  /** haproxy.cfg, read only when `paths.config` is not empty. */
  readonly configText?: string;
}

const NOT_FOUND = "Can't display the certificate: Not found or the certificate is a bundle!\n\n";
const CA_NOT_FOUND = "Can't display the CA file : Not found!\n\n";

/** The answers of a complete probe run in such a pod, in the order in which the probe asks. */
export function renderProbe(pod: FakePod): ProbeAnswer[] {
  return [
    { id: 'clock', argument: '', status: 0, text: `${Math.floor(pod.podNow / 1000)}\n` },
    { id: 'whoami', argument: '', status: 0, text: `${pod.uid}\n${pod.gid}\n${(pod.groups ?? [pod.gid]).join(' ')}\n` },
    ...renderHaproxy(pod.memory, pod.paths),
    ...renderDisk(pod),
  ];
}

function renderHaproxy(memory: FakeMemory | undefined, paths: FakePaths): ProbeAnswer[] {
  const answers: ProbeAnswer[] = [];
  const ask = (argument: string, text: string, status = 0) => answers.push({ id: 'haproxy', argument, status, text });
  if (!memory) {
    ask(
      'show proc',
      `2026/11/22 03:00:00 socat[77] E connect(, AF=1 "${paths.socket}", 41): No such file or directory\n`,
      1,
    );
    return answers;
  }
  const worker = (command: string, text: string) => ask(`@1 ${command}`, memory.workerSilent ? '' : text);
  ask('show proc', showProc(memory));
  ask('show startup-logs', startupLogs(memory.startupLogs?.master));
  worker('show info', showInfo(memory));
  if (!memory.workerSilent) {
    worker('show ssl cert', certificateList(memory, paths));
    worker(
      `show ssl cert ${paths.svid}`,
      memory.svid && nameOf(memory.svid, paths.svid) === paths.svid
        ? showCertificate(memory.svid, paths.svid)
        : NOT_FOUND,
    );
    const others = [memory.svid && nameOf(memory.svid, paths.svid), ...(memory.otherCertificates ?? [])];
    for (const name of others) {
      if (name === undefined || name === paths.svid || basename(name) !== basename(paths.svid)) continue;
      worker(
        `show ssl cert ${name}`,
        memory.svid && name === memory.svid.name ? showCertificate(memory.svid, name) : NOT_FOUND,
      );
    }
    if (memory.transaction) {
      const name = nameOf(memory.transaction, paths.svid);
      worker(
        `show ssl cert *${name}`,
        showCertificate({ status: 'Uncommitted', ...memory.transaction, name: `*${name}` }, name),
      );
    }
    worker('show ssl ca-file', caFileList(memory, paths));
    worker(
      `show ssl ca-file ${paths.bundle}`,
      memory.bundle && (memory.bundle.name ?? paths.bundle) === paths.bundle
        ? showCaFile(memory.bundle, paths.bundle)
        : CA_NOT_FOUND,
    );
    if (
      memory.bundle?.name !== undefined &&
      memory.bundle.name !== paths.bundle &&
      basename(memory.bundle.name) === basename(paths.bundle)
    ) {
      worker(`show ssl ca-file ${memory.bundle.name}`, showCaFile(memory.bundle, memory.bundle.name));
    }
    if (memory.caTransaction) {
      const name = memory.caTransaction.name ?? paths.bundle;
      worker(
        `show ssl ca-file *${name}`,
        showCaFile({ status: 'Uncommitted', ...memory.caTransaction, name: `*${name}` }, name),
      );
    }
    worker('show stat -1 4 -1', showStat(memory.servers ?? []));
  }
  if (!memory.workerSilent) worker('show startup-logs', startupLogs(memory.startupLogs?.worker));
  return answers;
}
