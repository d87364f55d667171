import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { containerCommand, containerSandbox } from '../sandbox/container.ts';
import { forwardLines } from '../sandbox/forward-lines.ts';
import type { ContainerRef, Exit, KubeObject, Program, ProgramContext, RunningProgram } from '../seams.ts';
import { makeSlumber, SLUMBER, type Slumber } from './slumber.ts';

const SHELLS = new Set(['sh', 'bash', 'ash', 'dash']);
const TOOLS = new Set([
  'mkdir',
  'chmod',
  'chown',
  'cp',
  'ln',
  'cat',
  'touch',
  'true',
  'false',
  'echo',
  'install',
  'test',
  'stat',
  'ls',
  'rm',
  'sleep',
  'env',
]);
/** A script that only leads to a program which this machine does not have. */
const LEADS_AWAY = /^\s*exec\s+["']?\/usr\/local\/bin\//m;

/** Milliseconds; no script of an installation takes so long for a round. */
const ROUND = 10_000;

const sleepers = new Map<string, Slumber>();

/** A container whose command is a shell's or one of a base system's tools: it runs as it stands. Belongs behind programs for images. */
export const shellProgram: Program = {
  runs: (container) => {
    const words = commandOf(container);
    const name = basename(words[0] ?? '');
    if (TOOLS.has(name)) return true;
    return SHELLS.has(name) && !words.some((word) => LEADS_AWAY.test(word));
  },
  start: (context) => start(context),
};

/** Ends the `sleep` that a container's script is in, and resolves when the script sleeps again after one whole round. Rejects when there is no such container or it ends first. */
export async function tick(ref: ContainerRef): Promise<void> {
  const slumber = sleepers.get(keyOf(ref));
  if (slumber === undefined) throw new Error(`no script runs in ${keyOf(ref)}`);
  await slumber.tick();
}

/**
 * Lets every script that sleeps between its rounds have one more, as it would while time goes by. What a script does that
 * never comes back to its sleep is not waited for.
 */
export async function tickAll(): Promise<void> {
  const sleeping = [...sleepers.values()].filter((slumber) => slumber.hasSlept());
  await Promise.all(
    sleeping.map((slumber) =>
      Promise.race([slumber.tick().catch(() => undefined), delay(ROUND, undefined, { ref: false })]),
    ),
  );
}

async function start(context: ProgramContext): Promise<RunningProgram> {
  const slumber = await makeSlumber();
  const key = keyOf(context.ref);
  try {
    const sandbox = await containerSandbox(context, {
      haproxy: '3.2',
      mounts: [slumber.mount],
      without: programsWithout(context.container),
    });
    const PATH = `${SLUMBER}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    const command = sandbox.run(containerCommand(context), '', { PATH });
    const lines = forwardLines(command, context.log);
    sleepers.set(key, slumber);
    const ended = command.ended.then(async (code): Promise<Exit> => {
      await lines;
      if (sleepers.get(key) === slumber) sleepers.delete(key);
      slumber.close();
      await sandbox.close();
      return { code };
    });
    return {
      ended,
      sandbox,
      stop: async () => {
        // All of it at once: what has left its process group, as `timeout` does, would go on until its own end.
        await sandbox.close();
        await ended;
      },
    };
  } catch (cause) {
    slumber.close();
    throw cause;
  }
}

/** HAProxy's images bring socat; base systems do not. */
function programsWithout({ image }: KubeObject): readonly string[] {
  return /haproxy|socat/.test(String(image)) ? [] : ['socat'];
}

function commandOf({ command, args }: KubeObject): readonly string[] {
  const words = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return [...words(command), ...words(args)];
}

function keyOf({ namespace, pod, container }: ContainerRef): string {
  return `${namespace}/${pod}/${container}`;
}
