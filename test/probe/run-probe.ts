import { spawn } from 'node:child_process';
import { type ProbePaths, probeCommand } from '../../src/evidence/probe/command.ts';
import { type ProbeOutput, readProbe } from '../../src/evidence/probe/read.ts';
import { locate } from './requirements.ts';

const BOUNDARY = 'boundary-0123456789abcdef';

/** The shells that images of HAProxy have. */
const SHELLS = { dash: ['dash'], busybox: ['busybox', 'sh'], bash: ['bash', '--posix'] } as const;
export type ShellName = keyof typeof SHELLS;

/** argv as exec would start it, under a shell of choice. */
export function probeArguments(paths: ProbePaths, shell: ShellName): readonly string[] {
  return [...SHELLS[shell], ...probeCommand(paths, BOUNDARY).slice(1)];
}

export interface ProbeRun extends ProbeOutput {
  readonly bytes: Buffer;
}

export interface ProbeSurroundings {
  /** In the place of the test's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** In the place of /sys/fs/cgroup. */
  readonly cgroup?: string;
  /** User and group to run as, which takes root; the test's own unless given. */
  readonly user?: number;
}

/** Runs the probe to its end. */
export async function runProbe(
  paths: ProbePaths,
  shell: ShellName,
  { environment, cgroup, user }: ProbeSurroundings = {},
): Promise<ProbeRun> {
  const [program = '', ...words] = probeArguments(paths, shell);
  const rest = words.map((word) => (cgroup === undefined ? word : word.replaceAll('/sys/fs/cgroup', cgroup)));
  const child = spawn(locate(program) ?? program, rest, {
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(environment ? { env: environment } : {}),
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const bytes = Buffer.concat(chunks);
  return { bytes, ...readProbe(bytes, BOUNDARY) };
}
