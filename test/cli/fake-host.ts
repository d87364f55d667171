import type { Host } from '../../src/cli/host.ts';
import { run } from '../../src/cli/run.ts';

/** What a run of the program said and wrote, without a process. */
export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Runs a command line against a machine that has only `files`. */
export async function say(
  words: readonly string[],
  machine: Partial<Host> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Said> {
  const { files: given = {}, ...rest } = machine;
  const out: string[] = [];
  const err: string[] = [];
  const files = new Map(Object.entries(given).map(([path, text]) => [path, Buffer.from(text) as Uint8Array]));
  const host: Host = {
    stdout: collecting(out),
    stderr: collecting(err),
    env: { LANG: 'C.UTF-8' },
    invokedAs: 'kubectl-haptic_spire',
    platform: 'linux',
    runtime: 'Node 26.10.0 linux-x64',
    now: () => Date.parse('2026-11-22T03:00:00Z'),
    interrupted: new AbortController().signal,
    readStdin: async () => new Uint8Array(),
    readFile: async (path) =>
      files.get(path) ?? Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' })),
    writeFile: async (path, content) => {
      files.set(path, content);
    },
    after: () => () => {},
    random: () => 0.5,
    boundary: () => 'boundary00000000',
    ...rest,
  };
  const exitCode = await run(words, host);
  return { exitCode, stdout: out.join(''), stderr: err.join(''), files };
}

function collecting(chunks: string[]): Host['stdout'] {
  return {
    isTTY: false,
    write: async (content) => {
      chunks.push(typeof content === 'string' ? content : Buffer.from(content).toString('latin1'));
    },
  };
}
