import type { FactReader } from '../catalogue.ts';
import { readMemory } from '../haproxy/memory.ts';
import { chainReading, type Reading } from '../reading.ts';
import { noPodToAsk } from './pod.ts';
import type { FileStat } from './svid-files.ts';

/** What the running HAProxy worker has in memory, by its Runtime API. */
export interface HaproxyMemory {
  /** By the API server's clock, epoch milliseconds. */
  readonly at: number;
  readonly podNow: number;
  readonly socket: string;
  /** `3.2.26-1+b1` as HAProxy prints it. */
  readonly version: Reading<string>;
  readonly processes: Reading<Processes>;
  /** The worker that answered everything below; unknown when none did. */
  readonly worker?: Reading<AnsweringWorker>;
  /** Names in `show ssl cert`; an open transaction stands beside them. */
  readonly certificates: Reading<CertificateList>;
  readonly caFiles: Reading<CaFileList['files']>;
  /** Name of the CA file that an open `set ssl ca-file` is about. */
  readonly caTransaction?: string;
  /** The SVID under the name by which the worker knows it; absent: not loaded. */
  readonly svid: Reading<LoadedCertificate>;
  /** What an open transaction would put in the place of the certificate it names; absent: no transaction is open. */
  readonly pending?: Reading<LoadedCertificate>;
  readonly bundle: Reading<LoadedCaFile>;
  readonly pendingBundle?: Reading<LoadedCaFile>;
  /** Alerts of the master's last load and the worker's own. */
  readonly startupLogs: Reading<readonly string[]>;
  readonly servers: Reading<readonly ServerStat[]>;
  readonly socketStat: Reading<FileStat>;
}

export interface Processes {
  readonly workers: readonly WorkerProcess[];
  /** From 3.1 the worker that serves stands here after a failed reload, and `workers` is empty. */
  readonly oldWorkers: readonly WorkerProcess[];
  /** Reloads that failed since the last good one, as counted by the master (from 3.1: 0 or 1). */
  readonly failedReloads: number;
  readonly reloads: number;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly uptimeSeconds: number;
}

export interface AnsweringWorker {
  /** How it was reached: `@1`, by its process id because `@1` was silent, or on its own socket. */
  readonly via: '@1' | 'pid' | 'own-socket';
  readonly pid: number;
  /** True for a worker that only waits for its last connections to end. */
  readonly stopping: boolean;
  /** Processes that were asked before it and did not answer; 0 stands for `@1`. */
  readonly silent: readonly number[];
}

export interface CertificateList {
  readonly names: readonly string[];
  /** Name of the file that an open transaction is about. */
  readonly transaction?: string;
}

export interface CaFileList {
  readonly files: readonly { readonly name: string; readonly certificates: number }[];
  readonly transaction?: string;
}

export interface LoadedCertificate {
  readonly name: string;
  readonly status: 'Used' | 'Unused' | 'Empty' | 'Uncommitted' | 'other';
  readonly serial: string;
  /** Upper-case hex; '' when the store is empty. */
  readonly sha1: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly dnsNames: readonly string[];
  /** `/C=US/O=SPIRE` */
  readonly subject?: string;
  readonly issuer: string;
}

export interface LoadedCaFile {
  readonly name: string;
  readonly status: 'Used' | 'Unused' | 'Empty' | 'Uncommitted' | 'other';
  readonly certificates: readonly { readonly sha1: string; readonly subject: string; readonly notAfter: number }[];
}

export interface ServerStat {
  readonly backend: string;
  readonly server: string;
  readonly status: string;
  readonly checkStatus: string;
  /** What the last check met (`Connection refused`), or what it did (`Layer6 check passed`). */
  readonly lastCheck: string;
  readonly connectionErrors: number;
  readonly failedHandshakes: number;
}

/** From the probe's answers; a workload without a pod has nothing that runs. */
export const haproxyMemory: FactReader<HaproxyMemory> = {
  gather: ['pods', 'probe'],
  read: (world, { ref }) =>
    world.memoOf(ref, 'haproxy memory', () => {
      if (ref.kind !== 'Pod' && !world.fromFiles)
        return noPodToAsk(world, ref, `${ref.kind} ${ref.name} has no pod that runs`);
      return chainReading(world.probe(ref.namespace ?? '', ref.name), readMemory);
    }),
};
