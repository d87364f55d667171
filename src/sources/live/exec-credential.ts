import { type ChildProcess, spawn } from 'node:child_process';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { dig, isObject, type Json, type JsonObject, listAt, textAt } from '../../evidence/json.ts';
import { execInfo } from './exec-info.ts';
import type { LiveIo } from './request.ts';

/** More than any credential is long. */
const MAX_BYTES = 2 ** 20;

/** What asking a credential plug-in takes; without a terminal it can ask nobody and its words go nowhere. */
export type PluginIo = Pick<LiveIo, 'env' | 'onProgress'> &
  Partial<Pick<LiveIo, 'signal' | 'terminal' | 'serviceAccount'>>;

/**
 * Runs the user's credential plug-in, once, as kubectl does: with standard input if somebody sits there and it wants to
 * ask, its standard error shown, ended when the run is. Returns the user with what it gave. Throws when it gave nothing.
 */
export async function withExecCredential(user: User, cluster: Cluster, io: PluginIo): Promise<User> {
  const exec: unknown = user.exec;
  if (!isObject(exec)) return user;
  const mode = textAt(exec.interactiveMode) ?? 'IfAvailable';
  const interactive = mode !== 'Never' && (io.terminal?.interactive ?? false);
  if (mode === 'Always' && !interactive) throw new Error('the plug-in wants to ask, and standard input is no terminal');
  const credential = await answerOf(exec, interactive, {
    ...io,
    env: { ...io.env, KUBERNETES_EXEC_INFO: execInfo(exec, cluster, interactive), ...extraEnvironment(exec) },
  });
  const token = textAt(dig(credential, 'status', 'token'));
  const certificate = textAt(dig(credential, 'status', 'clientCertificateData'));
  const key = textAt(dig(credential, 'status', 'clientKeyData'));
  if (token === undefined && (certificate === undefined || key === undefined))
    throw new Error('the plug-in gave neither a token nor a certificate with its key');
  const { exec: _, ...rest } = user;
  return {
    ...rest,
    ...(token === undefined ? {} : { token }),
    ...(certificate === undefined || key === undefined ? {} : { certData: base64(certificate), keyData: base64(key) }),
  };
}

async function answerOf(exec: JsonObject, interactive: boolean, io: PluginIo): Promise<Json> {
  const takeBack = io.terminal?.handOver();
  try {
    const child = spawn(textAt(exec.command) ?? '', listAt(exec.args).map(String), {
      env: io.env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', io.terminal === undefined ? 'ignore' : 'inherit'],
    });
    const stop = () => child.kill();
    io.signal?.addEventListener('abort', stop, { once: true });
    if (io.signal?.aborted) stop();
    try {
      return JSON.parse(await outputOf(child));
    } finally {
      io.signal?.removeEventListener('abort', stop);
    }
  } finally {
    takeBack?.();
  }
}

function outputOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_BYTES) child.kill();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error('the plug-in failed'));
    });
  });
}

function extraEnvironment({ env }: JsonObject): Readonly<Record<string, string>> {
  const extra: Record<string, string> = Object.create(null);
  for (const entry of listAt(env)) {
    const name = textAt(dig(entry, 'name'));
    if (name !== undefined) extra[name] = textAt(dig(entry, 'value')) ?? '';
  }
  return extra;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
