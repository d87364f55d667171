import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DoctorReport } from '../../../src/doctor/report.ts';
import { doctorProgram } from './doctor-program.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The doctor's default. */
export const CONCURRENCY = 8;

/**
 * Round trips one after another before the fan-out: a connection (TCP, then TLS 1.3) and the lists, all at once; then
 * ConfigMaps by name.
 */
export const BEFORE_FAN_OUT = 4;
/** TCP, TLS 1.3, the upgrade with the first output. */
export const EXEC = 3;

export interface Measured {
  readonly pods: number;
  readonly latencyMs: number;
  readonly wallMs: number;
  readonly requests: number;
  readonly peakMb: number;
  readonly floorMs: number;
}

/**
 * The time that the round trips of a run with this many pods take when each exec opens its own connection,
 * milliseconds. Connections that are opened ahead can make it less.
 */
export function floorOf(pods: number, latencyMs: number): number {
  return latencyMs * (BEFORE_FAN_OUT + Math.ceil(pods / CONCURRENCY) * EXEC);
}

/** One run of the doctor against so many simulated HAProxy pods. */
export async function measure(pods: number, latencyMs: number): Promise<Measured> {
  const server = fork(here('simulated-server.ts'), [String(pods), String(latencyMs)]);
  const folder = mkdtempSync(join(tmpdir(), 'haptic-spire-bench-'));
  try {
    const { kubeconfig } = await answerOf<{ kubeconfig: string }>(server);
    const config = join(folder, 'config');
    writeFileSync(config, kubeconfig, { mode: 0o600 });
    const started = performance.now();
    const { stdout, stderr, peakMb } = await run(['doctor', '-o', 'json', '--timeout', '10m', '--kubeconfig', config]);
    const wallMs = performance.now() - started;
    if (stdout === '') throw new Error(stderr);
    const report: DoctorReport = JSON.parse(stdout);
    const probed = report.metadata.requests.exec;
    if (probed < pods) throw new Error(`only ${probed} of ${pods} pods were looked into`);
    server.send('how many?');
    const { requests } = await answerOf<{ requests: number }>(server);
    return { pods, latencyMs, wallMs, requests, peakMb, floorMs: floorOf(pods, latencyMs) };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

function answerOf<T>(server: ReturnType<typeof fork>): Promise<T> {
  return new Promise((resolve, reject) => {
    server.once('message', (message) => resolve(message as T));
    server.once('exit', (code) => reject(new Error(`the simulated server ended with ${code}`)));
  });
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly peakMb: number;
}

function run(words: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const [program = '', ...before] = doctorProgram().command;
    const child = spawn(program, [...before, ...words], {
      env: { HOME: '/nonexistent', LANG: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let peakMb = 0;
    const watch = setInterval(() => {
      peakMb = peakOf(child.pid) ?? peakMb;
    }, 20);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => err.push(part));
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(watch);
      resolve({ stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8'), peakMb });
    });
  });
}

/** The kernel's high-water mark of resident memory; undefined once the process is gone. proc(5), VmHWM. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
