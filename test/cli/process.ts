import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM: string = fileURLToPath(new URL('../../bin/kubectl-haptic_spire', import.meta.url));

/** The manifests of real charts, where this checkout has them beside it. */
export const MANIFESTS: string = fileURLToPath(new URL('../../../shared/fixtures/manifests', import.meta.url));
export const HAS_MANIFESTS: boolean = existsSync(MANIFESTS);

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  /** Options for Node itself. */
  readonly node?: readonly string[];
}

const NEUTRAL = { LANG: 'C.UTF-8', KUBECONFIG: 'none-here', HOME: '/nonexistent' };

/** Starts the program as its own process, on the Node that runs the tests, and waits for its end. */
export function start(
  words: readonly string[],
  { env = {}, stdin = '', cwd = ROOT, node = [] }: Start = {},
): Promise<Ended> {
  const { PATH = '' } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...node, PROGRAM, ...words], { cwd, env: { PATH, ...NEUTRAL, ...env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode, signal) =>
      resolve({
        exitCode,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      }),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}
