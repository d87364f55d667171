import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiled code, kept between hundreds of runs of the same program. */
const COMPILED = join(tmpdir(), 'haptic-spire-compile-cache');

/** The doctor as a process of its own. */
export function runDoctor(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  return run(process.execPath, [PROGRAM, ...words], { NODE_COMPILE_CACHE: COMPILED, ...env });
}

/** A line as somebody types it into a shell. */
export function runLine(line: string, env: Readonly<Record<string, string>>): Promise<Run> {
  return run('/bin/bash', ['-c', line], env);
}

function run(program: string, words: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      env: { LANG: 'C.UTF-8', HOME: '/nonexistent', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => err.push(part));
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
  });
}
