import { textAt } from '../../cluster/fields.ts';
import type { Exit, ProgramContext, RunningProgram } from '../../seams.ts';
import { logrusLine } from '../logrus.ts';
import { sparingLog } from '../sparing-log.ts';
import type { WorkloadApi, X509Answer } from '../workload-api.ts';
import { addressError } from './address.ts';
import { filesOf } from './files-of.ts';
import { type HealthServer, probe, startHealthServer, type WriteStatus } from './health-server.ts';
import type { HelperSettings } from './settings.ts';
import { type Say, startUp } from './start-up.ts';
import { readFile, writeFiles } from './write-file.ts';

/** A spiffe-helper that runs. */
export interface HelperProcess extends RunningProgram {
  readonly namespace: string;
  readonly pod: string;
  /** Takes what the Workload API has for it now; says again what still fails. */
  readonly step: () => Promise<void>;
  /** Lets the next step say again what was said a moment ago. */
  readonly forgetSaid: () => void;
  /** Its watch hangs from now on: nothing reaches it until it is started anew. */
  readonly stall: () => void;
}

export async function startHelper(
  context: ProgramContext,
  api: WorkloadApi,
  now: () => number,
): Promise<HelperProcess> {
  const { promise: ended, resolve } = Promise.withResolvers<Exit>();
  const sparing = sparingLog(context.log, now);
  const say: Say = (level, message, fields = {}) =>
    context.log(logrusLine(now(), level, message, { ...fields, system: 'spiffe-helper' }));
  let state: 'runs' | 'stalled' | 'ended' = 'runs';
  let health: HealthServer | undefined;
  let status: WriteStatus = 'unwritten';
  let seen = '';
  let queue: Promise<void> = Promise.resolve();

  const end = async (code: number) => {
    if (state === 'ended') return;
    state = 'ended';
    if (health?.state === 'listens') await health.close();
    resolve({ code });
  };

  const started = await startUp(context, say);
  const settings = started.state === 'runs' ? started.settings : undefined;
  if (started.state === 'ends') await end(started.code);
  if (settings !== undefined) {
    say('info', settings.mode === 'daemon' ? 'Launching daemon' : 'Daemon mode disabled');
    if (settings.mode === 'daemon' && settings.listener !== undefined) {
      const { listener } = settings;
      say('info', 'Starting health server');
      if (listener.livePath === listener.readyPath) {
        context.log(`panic: pattern "${listener.readyPath}" conflicts with pattern "${listener.livePath}"`);
        await end(2);
      } else {
        health = await startHealthServer(listener, context.address, () => status);
        if (health.state === 'failed') say('warning', 'Error serving health checks', { error: health.error });
      }
    }
    const refused = addressError(settings.agentAddress);
    if (refused !== undefined) {
      say('error', 'Error starting spiffe-helper', { error: refused });
      await end(1);
    } else if (settings.mode === 'daemon' && settings.files !== undefined) say('info', 'Watching for X509 Context');
  }

  const complain = (answer: Extract<X509Answer, { state: 'failed' }>) => {
    seen = '';
    if (settings?.mode === 'once') return;
    const message = `Error while watching x509 context: ${answer.error}`;
    sparing.say(message, logrusLine(now(), 'error', message, { system: 'spiffe-helper' }));
  };

  const take = async (settled: HelperSettings) => {
    const answer = api.fetch({ pod: context.pod, container: context.ref.container }, settled.agentAddress);
    if (answer.state === 'failed') return complain(answer);
    const version = JSON.stringify([
      answer.svids.map(({ certificates, entry }) => [certificates, entry.hint]),
      answer.bundle,
    ]);
    if (version === seen) return undefined;
    seen = version;
    sparing.forget();
    if (settled.mode === 'daemon')
      for (const { entry } of answer.svids) say('info', 'Received update', { spiffe_id: entry.spiffeId });
    const error = await writeAll(context, settled, answer, now());
    if (settled.mode === 'once') return await finish(error);
    status = error === undefined ? 'written' : 'failed';
    if (error !== undefined) say('error', 'Unable to dump bundle', { error });
    else {
      say('info', 'X.509 certificates updated');
      await signal(context, settled, say);
    }
    return undefined;
  };

  const finish = async (error: string | undefined) => {
    if (error === undefined) {
      say('info', 'Successfully fetched x509 certificates');
      say('info', 'Exiting');
      return await end(0);
    }
    say('error', 'Error fetching x509 certificates', { error });
    say('error', 'Error starting spiffe-helper', { error });
    return await end(1);
  };

  return {
    namespace: context.ref.namespace,
    pod: context.ref.pod,
    ended,
    probe: (port, path) => probe(context.address, port, path),
    step: () => {
      queue = queue.then(async () => {
        if (state === 'runs' && settings?.files !== undefined) await take(settings);
      });
      return queue;
    },
    forgetSaid: sparing.forget,
    stall: () => {
      if (state === 'runs') state = 'stalled';
    },
    stop: async () => {
      await queue;
      if (state !== 'ended') say('info', 'Exiting');
      await end(0);
    },
  };
}

async function writeAll(
  context: ProgramContext,
  settings: HelperSettings,
  { svids, bundle }: Extract<X509Answer, { state: 'given' }>,
  now: number,
): Promise<string | undefined> {
  const planned = filesOf(settings, svids, bundle, now);
  if ('error' in planned) return planned.error;
  return await writeFiles(await context.sandbox(), planned.files);
}

/** Tells another program of the new files, as settings from before cert-reloaders ask for it. */
async function signal(context: ProgramContext, { cmd, pidFile }: HelperSettings, say: Say): Promise<void> {
  if (cmd !== '') {
    const why = cmd.includes('/')
      ? `fork/exec ${cmd}: no such file or directory`
      : `exec: ${JSON.stringify(cmd)}: executable file not found in $PATH`;
    say('error', 'Unable to signal process', { error: `error executing process ${JSON.stringify(cmd)}: ${why}` });
  }
  if (pidFile === '') return;
  const file = await readFile(await context.sandbox(), pidFile);
  const quoted = JSON.stringify(pidFile);
  if ('error' in file)
    say('error', 'Unable to signal PID file', { error: `failed to read pid file ${quoted}: ${file.error}` });
  else if (!/^\s*\d+\s*$/.test(file.content))
    say('error', 'Unable to signal PID file', {
      error: `failed to parse pid file ${quoted}: strconv.Atoi: parsing ${JSON.stringify(file.content.trim())}: invalid syntax`,
    });
  // Without a shared PID namespace no such process is in sight.
  else if (textAt(context.pod, 'spec', 'shareProcessNamespace') === '')
    say('error', 'Unable to signal PID file', {
      error: 'error signaling process with signal num 12: os: process already finished',
    });
}
