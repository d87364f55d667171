import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Credentials, HaproxyRelease, Mount, SandboxSpec } from '../seams.ts';
import { HAPROXY, haproxyFiles } from './releases.ts';

/** A sandbox and what its image lacks. */
export interface SandboxLayout extends SandboxSpec {
  /** Programs of the machine's /usr/bin that the image does not have, such as `socat`. */
  readonly without?: readonly string[];
}

/** One directory: its path in this process, and in those of the sandbox before they have a root of their own. */
export interface Directory {
  readonly here: string;
  readonly there: string;
}

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/** A part of the machine's own file system, in which nothing is ever made. */
function shared(from: string): Mount {
  return { from, at: from, readOnly: !from.startsWith('/dev/') };
}

/**
 * Fills an empty directory with a root and a list of mounts, and returns the shell script that puts them together as
 * process 1 of a PID namespace in a mount namespace of its own. The script says its process id, as the machine counts,
 * on standard output; then it waits for the end of its standard input. The directory has to stay as long as the sandbox.
 * `without` is a directory of whiteouts for /usr/bin.
 */
export function writeLayout(spec: SandboxLayout, directory: Directory, without: string | undefined): string {
  const root = join(directory.here, 'root');
  writeRoot(root, spec.credentials);
  const machine = ['/usr', '/etc/ssl/openssl.cnf', '/etc/alternatives', ...DEVICES.map((name) => `/dev/${name}`)].map(
    shared,
  );
  const image = [
    ...writeLocal(join(directory.here, 'local'), spec.haproxy),
    // Debian's HAProxy lives in there, which is in no image.
    { from: join(root, 'var/empty'), at: '/usr/sbin', readOnly: true },
  ];
  const own = [...spec.mounts.map((mount) => ({ ...mount, at: mount.at.replace(/\/+$/, '') }))].sort(
    (a, b) => a.at.length - b.at.length,
  );
  const all = [...machine, ...image, ...own];
  for (const [index, mount] of all.entries())
    makePoint(mount, [{ from: root, at: '', readOnly: false }, ...all.slice(0, index)]);
  const there = (path: string) =>
    path.startsWith(directory.here) ? directory.there + path.slice(directory.here.length) : path;
  const line = (from: string, at: string, type: string, options: string) =>
    `${escaped(there(from))} ${escaped(there(root) + at)} ${type} ${options} 0 0\n`;
  const lines = [
    line(root, '', 'none', 'bind'),
    ...all.map(({ from, at, readOnly }) => line(from, at, 'none', `bind${readOnly ? ',ro' : ''}`)),
    ...(without === undefined ? [] : [line('o', '/usr/bin', 'overlay', escaped(`lowerdir=${without}:/usr/bin`))]),
    line('proc', '/proc', 'proc', 'defaults'),
  ];
  writeFileSync(join(directory.here, 'mounts'), lines.join(''));
  return setUp(directory.there);
}

function setUp(directory: string): string {
  return [
    // Still the machine's /proc: the id in there is the one that nsenter wants.
    'read -r pid rest </proc/self/stat',
    `cd ${quote(directory)}`,
    'mount --all --fstab mounts',
    'cd root',
    'pivot_root . .',
    'umount -l .',
    'cd /',
    'echo "$pid"',
    // Whoever loses its parent in here is reaped by the kernel.
    'exec env --ignore-signal=CHLD cat >/dev/null',
  ].join('\n');
}

function writeRoot(root: string, { uid, gid }: Credentials): void {
  // No certificate authorities: every start of HAProxy would read all of them, which takes as long as the rest of it.
  for (const folder of ['dev', 'etc', 'proc', 'run', 'root', 'tmp', 'var/tmp', 'var/empty', 'dev/shm', 'etc/ssl/certs'])
    mkdirSync(join(root, folder), { recursive: true, mode: 0o755 });
  for (const folder of ['tmp', 'var/tmp', 'dev/shm']) chmodSync(join(root, folder), 0o1777);
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('/proc/self/fd', join(root, 'dev/fd'));
  for (const [index, name] of ['stdin', 'stdout', 'stderr'].entries())
    symlinkSync(`fd/${index}`, join(root, 'dev', name));
  const users = [
    'root:x:0:0:root:/root:/bin/sh',
    'haproxy:x:99:99::/var/lib/haproxy:/bin/sh',
    'nobody:x:65534:65534::/:/bin/sh',
  ];
  if (![0, 99, 65534].includes(uid)) users.push(`user:x:${uid}:${gid}::/:/bin/sh`);
  const groups = ['root:x:0:', 'haproxy:x:99:', 'nogroup:x:65534:'];
  if (![0, 99, 65534].includes(gid)) groups.push(`user:x:${gid}:`);
  const file = (name: string, lines: readonly string[]) =>
    writeFileSync(join(root, 'etc', name), lines.map((line) => `${line}\n`).join(''), { mode: 0o644 });
  file('passwd', users);
  file('group', groups);
  file('nsswitch.conf', ['passwd: files', 'group: files', 'hosts: files']);
  file('hosts', ['127.0.0.1 localhost']);
}

/** The image's own /usr/local, with HAProxy in it. */
function writeLocal(local: string, release: HaproxyRelease | undefined): readonly Mount[] {
  for (const folder of ['bin', 'sbin', 'lib']) mkdirSync(join(local, folder), { recursive: true });
  const mount = { from: local, at: '/usr/local', readOnly: false };
  if (release === undefined) return [mount];
  const files = haproxyFiles(release);
  if (files === undefined) throw new Error(`HAProxy ${release} is not on this machine`);
  if (files.kind === 'program') return [mount, { from: files.from, at: HAPROXY, readOnly: true }];
  writeFileSync(join(local, HAPROXY.slice('/usr/local/'.length)), files.text, { mode: 0o755 });
  return [mount, { from: files.folder, at: files.at, readOnly: true }];
}

/** Makes what a mount will cover, where that lies now: in the mount around it. */
function makePoint({ from, at }: Mount, earlier: readonly Mount[]): void {
  const around = earlier.filter((mount) => at === mount.at || at.startsWith(`${mount.at}/`));
  const outer = around.sort((a, b) => b.at.length - a.at.length)[0];
  if (outer === undefined) throw new Error(`${at} is not an absolute path`);
  const point = join(outer.from, at.slice(outer.at.length));
  if (existsSync(point)) return;
  if (outer.at !== '' && outer.from === outer.at)
    throw new Error(`${at} would have to be made in the machine’s own ${outer.at}`);
  if (statSync(from).isDirectory()) mkdirSync(point, { recursive: true, mode: 0o755 });
  else {
    mkdirSync(dirname(point), { recursive: true, mode: 0o755 });
    writeFileSync(point, '');
  }
}

/** One field of an fstab. */
function escaped(path: string): string {
  return path.replaceAll(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** One word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
