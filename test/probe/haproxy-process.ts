import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import type { ProbePaths } from '../../src/evidence/probe/command.ts';

/** A HAProxy of this machine, in master-worker mode as HAPTIC starts it, with files of its own. */
export interface HaproxyProcess {
  readonly paths: ProbePaths & { readonly config: string };
  readonly write: (name: 'svid.pem' | 'svid.pem.key' | 'bundle.pem' | 'haproxy.cfg', text: string) => void;
  /** Puts one command to the master socket. */
  readonly ask: (command: string) => string;
  /** Asks `show proc` until the answer matches. */
  readonly until: (processes: RegExp) => Promise<void>;
  readonly workerPid: () => number;
  readonly master: ChildProcess;
  readonly stop: () => Promise<void>;
}

export interface HaproxyFiles {
  readonly svid: string;
  readonly key: string;
  readonly bundle: string;
  /** Level of the master socket; default admin. */
  readonly level?: 'user' | 'operator' | 'admin';
  /** The server line's certificate; default the absolute path. */
  readonly crt?: (directory: string) => string;
  readonly global?: (directory: string) => string;
  /** Further files, by name. */
  readonly others?: Readonly<Record<string, string>>;
}

/** Starts it and waits until its worker has loaded. */
export async function startHaproxy(program: string, files: HaproxyFiles): Promise<HaproxyProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-'));
  const path = (name: string) => join(directory, name);
  const paths = {
    socket: path('m.sock'),
    directory,
    svid: path('svid.pem'),
    key: path('svid.pem.key'),
    bundle: path('bundle.pem'),
    config: path('haproxy.cfg'),
  };
  const write: HaproxyProcess['write'] = (name, text) => writeFileSync(path(name), text, { mode: 0o600 });
  write('svid.pem', files.svid);
  write('svid.pem.key', files.key);
  write('bundle.pem', files.bundle);
  for (const [name, text] of Object.entries(files.others ?? {})) writeFileSync(path(name), text);
  write('haproxy.cfg', configuration(directory, files));
  const master = spawn(
    program,
    ['-W', '-db', '-S', `${paths.socket},level,${files.level ?? 'admin'}`, '-f', paths.config],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    },
  );
  const ended = new Promise<void>((resolve) => master.once('exit', () => resolve()));
  const log = listen(master);
  const until = (processes: RegExp) => waitFor(paths.socket, processes, master, log);
  const ask = (command: string) =>
    execFileSync('socat', ['-t5', 'stdio', `unix-connect:${paths.socket}`], {
      input: `${command}\n`,
      encoding: 'utf8',
    });
  const stop = async () => {
    // Its own process group: a stopped worker goes with it.
    if (master.pid !== undefined && master.exitCode === null && master.signalCode === null)
      kill(-master.pid, 'SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    // From 3.1 on a worker is listed before it has loaded, and asking it until then can keep it from ever loading.
    await log.until('Loading success');
    await until(/^# workers\n\d+ +worker|^Permission denied/m);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    paths,
    write,
    ask,
    until,
    workerPid: () => Number(/^(\d+) +worker/m.exec(ask('show proc'))?.[1]),
    master,
    stop,
  };
}

function configuration(directory: string, { crt = (at) => `${at}/svid.pem`, global = () => '' }: HaproxyFiles): string {
  return `global
  ${global(directory)}
  daemon
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind unix@${directory}/in.sock
  default_backend my-backend
userlist admins
  user admin insecure-password hunter2
backend my-backend
  http-check send meth GET uri /healthz hdr Authorization "Bearer s3cr3t"
  http-request set-header X-Api-Key s3cr3t
  server SRV_1 127.0.0.1:1 ssl verify required ca-file ${directory}/bundle.pem crt ${crt(directory)} sni str(api.shop.svc) # s3cr3t
`;
}

/** What a program says on standard error. */
interface Log {
  readonly text: () => string;
  /** Resolves once it said these words; rejects when it ends without them. */
  readonly until: (words: string) => Promise<void>;
}

function listen(master: ChildProcess): Log {
  let text = '';
  const { stderr } = master;
  stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return {
    text: () => text,
    until: (words) =>
      new Promise((resolve, reject) => {
        const look = () => text.includes(words) && resolve();
        stderr?.on('data', look);
        master.once('error', reject);
        stderr?.once('close', () => reject(new Error(`haproxy never said ${words}: ${text}`)));
        look();
      }),
  };
}

/** Every round waits for the end of a connection; a socket that is not there yet ends it at once. */
async function waitFor(socket: string, processes: RegExp, master: ChildProcess, log: Log): Promise<void> {
  for (let round = 0; round < 20_000 && master.exitCode === null; round += 1) {
    if (processes.test(await showProcesses(socket))) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`haproxy never had ${processes}: ${log.text()}`);
}

function showProcesses(socket: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const connection = connect(socket, () => connection.end('show proc\n'));
    connection.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    connection.setTimeout(1_000, () => connection.destroy());
    connection.on('error', () => resolve(''));
    connection.on('close', () => resolve(text));
  });
}
