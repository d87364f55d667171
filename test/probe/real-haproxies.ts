import { execFileSync } from 'node:child_process';
import { env } from 'node:process';
import { locate, requirements } from './requirements.ts';

/** A HAProxy that this machine may have. */
export interface RealHaproxy {
  readonly name: string;
  /** What starts it. */
  readonly program: string;
  /** What a test with it needs and this machine lacks, in words. */
  readonly missing: readonly string[];
  /** As `-v` spells it, such as 3.2.26-1; '' where it is missing. */
  readonly version: string;
}

/** The machine's own, and the newer one that `.ci/fetch-haproxy` fetches: masters and workers changed in between. */
export function realHaproxies(): readonly RealHaproxy[] {
  return [
    described('Debian’s HAProxy', 'haproxy', 'haproxy'),
    described('a newer HAProxy', env.HAPROXY_NEW ?? '', 'a program at $HAPROXY_NEW as .ci/fetch-haproxy fetches it'),
  ];
}

/** Whether it is this release or a later one. */
export function isAtLeast({ version }: RealHaproxy, major: number, minor: number): boolean {
  const [has = 0, its = 0] = version.split('.').map(Number);
  return has > major || (has === major && its >= minor);
}

function described(name: string, program: string, wanted: string): RealHaproxy {
  const there = locate(program) !== undefined;
  const version = there ? versionOf(program) : '';
  return {
    name: there ? `${name} ${version}` : name,
    program,
    missing: [...(there ? [] : [wanted]), ...requirements(['socat', 'openssl']).missing],
    version,
  };
}

function versionOf(program: string): string {
  return /version (\S+)/.exec(execFileSync(program, ['-v'], { encoding: 'utf8' }))?.[1] ?? '';
}
