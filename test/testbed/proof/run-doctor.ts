import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../../src/cli/host.ts';
import { run as runProgram } from '../../../src/cli/run.ts';
import { spawner } from '../sandbox/small-process.ts';

const PROGRAM = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiled code, kept between hundreds of runs of the same program. */
const COMPILED = join(tmpdir(), 'haptic-spire-compile-cache');

/** How the doctor is run: a start of its own costs a second of the processor's time, which is spent once a group. */
export type DoctorRun = 'here' | 'process';

export function runDoctor(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  how: DoctorRun = 'process',
): Promise<Run> {
  if (how === 'here') return runHere(words, env);
  return run(process.execPath, [PROGRAM, ...words], { NODE_COMPILE_CACHE: COMPILED, ...env });
}

/** The whole command line within this process: everything but src/main.ts. */
async function runHere(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const exitCode = await runProgram(words, {
    stdout: into(out),
    stderr: into(err),
    env: { LANG: 'C.UTF-8', HOME: '/nonexistent', ...env },
    invokedAs: 'kubectl-haptic_spire',
    platform: process.platform,
    runtime: `Node ${process.versions.node} ${process.platform}-${process.arch}`,
    now: Date.now,
    interrupted: new AbortController().signal,
    stdinIsTTY: false,
    readStdin: async () => new Uint8Array(),
    readFile: (path) => readFile(path),
    writeFile: (path, content, { overwrite }) => writeFile(path, content, { flag: overwrite ? 'w' : 'wx' }),
    after: (milliseconds, action) => {
      const timer = setTimeout(action, milliseconds);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    boundary: () => randomUUID().replaceAll('-', ''),
  });
  return { exitCode, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}

function into(parts: Buffer[]): Host['stdout'] {
  return {
    isTTY: false,
    write: async (content) => {
      parts.push(Buffer.from(content));
    },
  };
}

/** A line as somebody types it into a shell. */
export function runLine(line: string, env: Readonly<Record<string, string>>): Promise<Run> {
  return run('/bin/bash', ['-c', line], env);
}

async function run(program: string, words: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  const { start } = await spawner();
  const command = start([program, ...words], { env: { LANG: 'C.UTF-8', HOME: '/nonexistent', ...env } });
  command.stdin.end();
  const [exitCode, stdout, stderr] = await Promise.all([command.ended, text(command.stdout), text(command.stderr)]);
  return { exitCode, stdout, stderr };
}
