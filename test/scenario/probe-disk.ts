import type { ProbeAnswer } from '../../src/evidence/snapshot.ts';

/** Paths that the probe is given, in container haproxy. */
export interface FakePaths {
  readonly socket: string;
  readonly directory: string;
  readonly svid: string;
  readonly key: string;
  readonly bundle: string;
  /** '' or absent: haproxy.cfg is not read. */
  readonly config?: string;
}

export interface FakeDisk {
  /** Default `present`; `absent` takes the files with it. */
  readonly directory?: 'present' | 'absent';
  /** Text of svid.pem; absent: no such file. */
  readonly svidPem?: string;
  readonly bundlePem?: string;
  readonly key: 'present' | 'absent';
  /** PEM of the key's public half; absent: the image has no openssl. */
  readonly keySpkiPem?: string;
  /** When the three files were written, epoch milliseconds; default: the pod's clock. */
  readonly writtenAt?: number;
  /** Corrections of single stats, by path. */
  readonly stats?: Readonly<Record<string, Partial<FakeStat>>>;
}

export interface FakeStat {
  /** As `stat -c %F`: `regular file`, `directory`, `socket`. */
  readonly type: string;
  readonly uid: number;
  readonly gid: number;
  /** Octal, `600`. */
  readonly mode: string;
  readonly size: number;
  /** Epoch milliseconds. */
  readonly mtime: number;
}

interface Looker {
  readonly podNow: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
  readonly paths: FakePaths;
  readonly disk: FakeDisk;
  readonly memory?: unknown;
  readonly configText?: string;
}

/** The answers about files: stat, readable, blocks, certificates, public-key, config. */
export function renderDisk(pod: Looker): ProbeAnswer[] {
  const { paths, disk } = pod;
  const there = disk.directory !== 'absent';
  const stats = new Map<string, FakeStat>();
  const put = (path: string, present: boolean, type: string, mode: string, size: number) => {
    if (!present) return;
    const usual = { type, uid: pod.uid, gid: pod.gid, mode, size, mtime: disk.writtenAt ?? pod.podNow };
    stats.set(path, { ...usual, ...disk.stats?.[path] });
  };
  put(paths.socket, pod.memory !== undefined, 'socket', '755', 0);
  put(paths.directory, there, 'directory', '755', 100);
  put(paths.svid, there && disk.svidPem !== undefined, 'regular file', '644', disk.svidPem?.length ?? 0);
  put(paths.key, there && disk.key === 'present', 'regular file', '600', 241);
  put(paths.bundle, there && disk.bundlePem !== undefined, 'regular file', '644', disk.bundlePem?.length ?? 0);

  const answers: ProbeAnswer[] = [];
  const say = (id: string, argument: string, status: number, text: string) =>
    answers.push({ id, argument, status, text });
  for (const path of [paths.socket, paths.directory, paths.svid, paths.key, paths.bundle]) {
    const stat = stats.get(path);
    if (stat)
      say(
        'stat',
        path,
        0,
        `${stat.type}|${stat.uid}|${stat.gid}|${stat.mode}|${stat.size}|${Math.floor(stat.mtime / 1000)}\n`,
      );
    else say('stat', path, 1, `stat: cannot statx '${path}': No such file or directory\n`);
  }
  const opens = (path: string) => mayRead(stats.get(path), pod);
  for (const path of [paths.directory, paths.svid, paths.key, paths.bundle])
    say('readable', path, opens(path) ? 0 : 1, '');
  for (const [path, pem] of [
    [paths.svid, disk.svidPem],
    [paths.bundle, disk.bundlePem],
  ] as const) {
    const text = opens(path) ? (pem ?? '') : '';
    say('blocks', path, opens(path) ? 0 : 1, beginLines(text));
    say('certificates', path, opens(path) ? 0 : 1, certificateBlocks(text));
  }
  if (!opens(paths.key)) say('public-key', paths.key, 1, 'not a readable file\n');
  else if (disk.keySpkiPem === undefined) say('public-key', paths.key, 127, 'openssl: not found\n');
  else say('public-key', paths.key, 0, disk.keySpkiPem);
  if (paths.config) {
    const missing = pod.configText === undefined;
    say('config', paths.config, missing ? 1 : 0, missing ? 'not a readable file\n' : configLines(pod.configText ?? ''));
  }
  return answers;
}

function mayRead(stat: FakeStat | undefined, pod: Looker): boolean {
  if (!stat) return false;
  if (pod.uid === 0) return true;
  const bits = Number.parseInt(stat.mode, 8);
  if (stat.uid === pod.uid) return (bits & 0o400) !== 0;
  if (stat.gid === pod.gid || pod.groups?.includes(stat.gid)) return (bits & 0o040) !== 0;
  return (bits & 0o004) !== 0;
}

function beginLines(pem: string): string {
  return pem
    .split('\n')
    .map((line, at) => (line.startsWith('-----BEGIN ') ? `${at + 1}:${line.trimEnd()}\n` : ''))
    .join('');
}

function certificateBlocks(pem: string): string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block.replaceAll('\r', '')}\n`).join('');
}

const KEPT =
  /^[ \t]*(global|defaults|frontend|listen|backend|server|default-server|bind|mode|crt-base|ca-base|ssl-load-extra-files|daemon|tune\.bufsize|option[ \t]+httpchk|http-check)([ \t]|$)/;

function configLines(text: string): string {
  return text
    .split('\n')
    .map((line, at) => (KEPT.test(line) ? `${at + 1}:${line}\n` : ''))
    .join('');
}
