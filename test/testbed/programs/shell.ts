import { basename } from 'node:path';
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

async function start(context: ProgramContext): Promise<RunningProgram> {
  const slumber = makeSlumber();
  const key = keyOf(context.ref);
  try {
    const sandbox = await containerSandbox(context, {
      haproxy: '3.2',
      mounts: [slumber.mount],
      without: programsWithout(context.container),
    });
    const path = `PATH=${SLUMBER}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    const command = sandbox.run(['env', path, ...containerCommand(context)], '');
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
        command.kill();
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
