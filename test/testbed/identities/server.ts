import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcome } from '../sandbox/command.ts';
import { containerSandbox } from '../sandbox/container.ts';
import { forwardLines } from '../sandbox/forward-lines.ts';
import type { ProcessSandbox } from '../sandbox/start.ts';
import type { Program, RunningProgram } from '../seams.ts';
import { imageName } from '../spire/container.ts';
import { inSandbox } from './in-sandbox.ts';
import { REAL } from './requirements.ts';
import { until } from './until.ts';

/** The real spire-server, as far as a test and other programs have to do with it. */
export interface RealServer {
  readonly program: Program;
  /** The one that runs; waits until it answers. */
  readonly running: () => Promise<RunningServer>;
  /** The one that runs and answers; undefined: none does. */
  readonly current: () => RunningServer | undefined;
}

export interface RunningServer {
  /** Where agents reach it, at its port. */
  readonly address: string;
  /** A command of its own, `entry show`, in its container; resolves with what it printed. Rejects when it fails. */
  readonly command: (...words: readonly string[]) => Promise<string>;
}

export interface ServerOptions {
  readonly trustDomain: string;
  /** Of workloads, seconds. */
  readonly ttl: number;
  /** The stand-in: who looks for a server finds that one runs. */
  readonly standIn: Program;
  /** For its configuration and what it keeps. */
  readonly directory: string;
}

export const SERVER_PORT = 8081;
const PROGRAM = '/opt/spire/bin/spire-server';
const FOLDER = '/opt/spire/conf/server';
const DATA = '/var/lib/spire';
const SOCKET = '/run/spire-server.sock';

export function realServer({ trustDomain, ttl, standIn, directory }: ServerOptions): RealServer {
  let current: RunningServer | undefined;
  return {
    current: () => current,
    running: () => until('a SPIRE server that answers', () => current),
    program: {
      runs: (container) => imageName(container) === 'spire-server',
      async start(context): Promise<RunningProgram> {
        const conf = join(directory, 'spire-server', 'conf');
        // As on a volume that its pods are given one after the other.
        const data = join(directory, 'spire-server', 'data');
        for (const folder of [conf, data]) mkdirSync(folder, { recursive: true });
        writeFileSync(join(conf, 'server.conf'), configuration(trustDomain, ttl, context.address));
        const sandbox = await containerSandbox(context, {
          mounts: [
            { from: REAL.server, at: PROGRAM, readOnly: true },
            { from: conf, at: FOLDER, readOnly: true },
            { from: data, at: DATA, readOnly: false },
          ],
        });
        const command = sandbox.run([PROGRAM, 'run', '-config', `${FOLDER}/server.conf`], '');
        const lines = forwardLines(command, context.log);
        const seen = await standIn.start({ ...context, log: () => undefined });
        const running = { address: context.address, command: commands(sandbox) };
        let over = false;
        void until('the SPIRE server answers', async () => {
          if (over) return true;
          const health = await outcome(sandbox.run([PROGRAM, 'healthcheck', '-socketPath', SOCKET], ''));
          if (health.code === 0) current = running;
          return health.code === 0 ? true : undefined;
        }).catch((cause) => context.log(String(cause)));
        return inSandbox(sandbox, command, lines, {
          onEnd: async () => {
            over = true;
            if (current === running) current = undefined;
            await seen.stop();
          },
          probe: async () => (current === running ? 200 : 'refused'),
        });
      },
    },
  };
}

function commands(sandbox: ProcessSandbox): RunningServer['command'] {
  return async (...words) => {
    const { code, stdout, stderr } = await outcome(sandbox.run([PROGRAM, ...words, '-socketPath', SOCKET], ''));
    if (code !== 0) throw new Error(`spire-server ${words.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  };
}

function configuration(trustDomain: string, ttl: number, address: string): string {
  return `server {
  bind_address = "${address}"
  bind_port = ${SERVER_PORT}
  socket_path = "${SOCKET}"
  trust_domain = "${trustDomain}"
  data_dir = "${DATA}"
  log_level = "INFO"
  ca_ttl = "24h"
  agent_ttl = "4h"
  default_x509_svid_ttl = "${ttl}s"
}
plugins {
  DataStore "sql" {
    plugin_data {
      database_type = "sqlite3"
      connection_string = "${DATA}/datastore.sqlite3"
    }
  }
  NodeAttestor "join_token" { plugin_data {} }
  KeyManager "disk" { plugin_data { keys_path = "${DATA}/keys.json" } }
}
`;
}
