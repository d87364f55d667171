import type { FactReader } from '../catalogue.ts';
import type { Certificate } from '../certificate.ts';
import { chainReading, type Reading, unknown } from '../reading.ts';
import { ProbedFiles } from '../x509/probed-files.ts';
import { svidPathsOf } from '../x509/svid-paths.ts';
import { noPodToAsk } from './pod.ts';

export { svidPathsOf } from '../x509/svid-paths.ts';

/** What the probe saw on disk. The private key's content is never read. */
export interface SvidFiles {
  /** Clock of the pod when the files were read, epoch milliseconds. */
  readonly podNow: number;
  /** The same moment by the API server's clock. */
  readonly at: number;
  /** User and groups of the process that looked: those of container haproxy. */
  readonly reader: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  readonly directory: Reading<FileStat>;
  readonly svid: Reading<CertificateFile>;
  readonly key: Reading<KeyFile>;
  readonly bundle: Reading<CertificateFile>;
  readonly paths: SvidPaths;
  /** notBefore of the newest SVID that another pod was seen with, epoch milliseconds: until then SPIRE issued. */
  readonly newestElsewhere?: number;
}

/** Where the SVID is expected, in container haproxy. */
export interface SvidPaths {
  readonly directory: string;
  readonly svid: string;
  readonly key: string;
  readonly bundle: string;
}

export interface FileStat {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly uid: number;
  readonly gid: number;
  /** Permission bits, `0o600`. */
  readonly mode: number;
  readonly size: number;
  /** Epoch milliseconds by the pod's clock. */
  readonly mtime: number;
}

export interface CertificateFile {
  readonly stat: FileStat;
  readonly readable: boolean;
  /** In file order: the leaf first, for an SVID. */
  readonly certificates: readonly Certificate[];
  /** Labels of blocks that are not certificates; of a key only that it is there. */
  readonly otherBlocks: readonly string[];
  /** Blocks that do not parse, in words. */
  readonly broken: readonly string[];
}

export interface KeyFile {
  readonly stat: FileStat;
  readonly readable: boolean;
  /** SHA-256 of the public half's DER SubjectPublicKeyInfo; unknown without openssl in the image, or without memory headroom. */
  readonly spkiSha256: Reading<string>;
}

export const svidFiles: FactReader<SvidFiles> = {
  gather: ['pods', 'config-maps', 'haptic-config', 'haproxy-cfg', 'probe'],
  read: (world, subject) =>
    world.memoOf(subject.ref, 'svid files', () => {
      const { kind, namespace = '', name } = subject.ref;
      if (world.fromFiles) return unknown('needs-live', 'files cannot show what is on a pod\u2019s disk');
      if (kind !== 'Pod') return noPodToAsk(world, subject.ref, 'no pod runs whose files could be looked at');
      return chainReading(world.probe(namespace, name), (probe, from) =>
        new ProbedFiles(world, probe, from).read(svidPathsOf(world, subject)),
      );
    }),
};
