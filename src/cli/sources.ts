import { CannotRun } from '../doctor/cannot-run.ts';
import type { Snapshot } from '../evidence/snapshot.ts';
import { printable } from '../report/escape.ts';
import type { LiveOrder } from '../sources/live/request.ts';
import type { ChosenChecks } from './choose-checks.ts';
import { clusterFlagAmong, connectionFlags } from './connection.ts';
import type { ConnectionOptions, DoctorOptions, ScopeOptions } from './flags.ts';
import { type Host, UsageError } from './host.ts';
import { startProgress } from './progress.ts';
import { tool } from './tool.ts';
import { whatToGather } from './what-to-gather.ts';

/** Which of the four kinds of source the flags choose. */
export type SourceChoice =
  | { readonly kind: 'live' }
  | { readonly kind: 'manifests'; readonly files: readonly string[] }
  | { readonly kind: 'snapshot'; readonly file: string }
  | { readonly kind: 'demo'; readonly story: string | undefined };

/** Flags that contradict each other are a usage error, whatever they would have done. */
export function chooseSource(options: DoctorOptions): SourceChoice {
  const given: readonly (readonly [string, SourceChoice])[] = [
    ...(options.filename === undefined ? [] : [['-f', { kind: 'manifests', files: options.filename }] as const]),
    ...(options.snapshot === undefined ? [] : [['--snapshot', { kind: 'snapshot', file: options.snapshot }] as const]),
    ...(options.demo === undefined
      ? []
      : [['--demo', { kind: 'demo', story: options.demo === true ? undefined : options.demo }] as const]),
  ];
  const [first, second] = given;
  if (first !== undefined && second !== undefined)
    throw new UsageError(`${first[0]} and ${second[0]} exclude each other`);
  if (options.filename === undefined && options.complete)
    throw new UsageError('--complete says something about files: it needs -f');
  if (options.filename === undefined && options.recursive)
    throw new UsageError('--recursive says something about folders: it needs -f');
  requireOneNamespaceFlag(options);
  if (first === undefined) return { kind: 'live' };
  const flag = clusterFlagAmong(options);
  if (flag !== undefined) throw new UsageError(`${flag} is about a cluster; it cannot be used with ${first[0]}`);
  return first[1];
}

export function requireOneNamespaceFlag(options: ScopeOptions): void {
  if (options.namespace !== undefined && options.allNamespaces) throw new UsageError('-n and -A exclude each other');
}

/** What a run judges, and what it will need for that. */
export interface Examined extends Pick<LiveOrder, 'load' | 'loaded'> {
  readonly chosen: () => Promise<ChosenChecks>;
}

/** What is known about the files, the recording or the cluster that the flags name. */
export async function readSource(
  choice: SourceChoice,
  options: DoctorOptions,
  examined: Examined,
  host: Host,
): Promise<Snapshot> {
  switch (choice.kind) {
    case 'live':
      return gatherFromCluster(options, examined, host);
    case 'manifests':
      await talk(
        host,
        options,
        `Reading ${choice.files.map((file) => (file === '-' ? 'standard input' : file)).join(', ')}`,
      );
      return untilInterrupted(host, readFiles(choice.files, options, host));
    case 'snapshot': {
      await talk(host, options, `Reading ${choice.file}`);
      const { readSnapshot } = await import('../sources/snapshot/index.ts');
      return readSnapshot(await untilInterrupted(host, readInput(host, choice.file)), choice.file);
    }
    case 'demo': {
      const { loadStory } = await import('../sources/demo/load-story.ts');
      return loadStory(choice.story);
    }
  }
}

async function talk(host: Host, { v = 0 }: ScopeOptions, text: string): Promise<void> {
  if (v >= 1) await host.stderr.write(`${printable(text)}\n`);
}

async function readFiles(files: readonly string[], options: DoctorOptions, host: Host): Promise<Snapshot> {
  const { fileSystem, readManifests } = await import('../sources/manifests/index.ts');
  const { namespace, recursive, complete } = options;
  const request = {
    files,
    recursive: recursive ?? false,
    complete: complete ?? false,
    tool,
    now: host.now(),
    ...(namespace === undefined ? {} : { namespace }),
  };
  return readManifests(
    request,
    fileSystem(() => host.readStdin()),
  );
}

/** Everything that the selected checks need, from a running cluster. */
export async function gatherFromCluster(
  options: ConnectionOptions & ScopeOptions,
  { chosen, load, loaded }: Examined,
  host: Host,
): Promise<Snapshot> {
  const progress = await startProgress(host, options);
  try {
    const { gatherLive } = await import('../sources/live/gather.ts');
    const { namespace, allNamespaces, release, pod, selector, annotation } = options;
    return await gatherLive(
      {
        connection: connectionFlags(options),
        items: async () => {
          const { checks, selected } = await chosen();
          const { factReaders } = await import('../evidence/facts/index.ts');
          return whatToGather(checks, selected, factReaders);
        },
        ...(load === undefined ? {} : { load }),
        ...(loaded === undefined ? {} : { loaded }),
        timeoutMs: options.timeout ?? 60_000,
        concurrency: options.concurrency ?? 8,
        tool,
        noExec: !options.exec,
        noLogs: !options.logs,
        ...(namespace === undefined ? {} : { namespace }),
        ...(allNamespaces === undefined ? {} : { allNamespaces }),
        ...(release === undefined ? {} : { release }),
        ...(pod === undefined ? {} : { pods: pod }),
        ...(selector === undefined ? {} : { selector }),
        ...(annotation === undefined ? {} : { annotation }),
      },
      {
        env: host.env,
        now: () => host.now(),
        timer: { after: (milliseconds, action) => host.after(milliseconds, action) },
        random: () => host.random(),
        boundary: () => host.boundary(),
        signal: host.interrupted,
        onProgress: (text) => progress.say(text),
        terminal: {
          // Only a credential plug-in asks, and to find out takes a module.
          get interactive() {
            return host.stdinIsTTY ?? false;
          },
          handOver: () => progress.pause(),
        },
      },
    );
  } finally {
    progress.stop();
  }
}

/** A file that the user named; trouble with it is theirs to mend, in one line. */
async function readInput(host: Host, path: string): Promise<Uint8Array> {
  try {
    return await host.readFile(path);
  } catch (error) {
    throw new CannotRun(`cannot read ${path}: ${fileTrouble(error)}`, { cause: error });
  }
}

const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

export function fileTrouble(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return FILE_TROUBLE[code] ?? (code === '' ? 'it failed' : code);
}

/** Ends a wait for files or standard input at Ctrl-C: nothing was gathered that could be judged. */
async function untilInterrupted<T>(host: Host, work: Promise<T>): Promise<T> {
  const { interrupted } = host;
  let stop: (() => void) | undefined;
  const interruption = new Promise<never>((_, reject) => {
    stop = () => reject(new Interrupted());
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, interruption]);
  } finally {
    if (stop !== undefined) interrupted.removeEventListener('abort', stop);
  }
}

/** Ctrl-C before there was anything to judge. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
