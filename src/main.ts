import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import type { Host, Output } from './cli/host.ts';
import { run } from './cli/run.ts';

/**
 * Ctrl-C arrives as SIGINT. A launcher that started this process passes on what it got itself as SIGUSR2, so that the
 * terminal's Ctrl-C, which reaches both, counts once.
 */
function onCtrlC(first: () => void, second: () => void): void {
  let interrupts = 0;
  let passedOn = 0;
  const heard = (before: number): void => {
    const times = Math.max(interrupts, passedOn);
    if (times === before) return;
    if (times === 1) first();
    else second();
  };
  process.on('SIGINT', () => {
    const before = Math.max(interrupts, passedOn);
    interrupts += 1;
    heard(before);
  });
  if (process.platform === 'win32') return;
  process.on('SIGUSR2', () => {
    const before = Math.max(interrupts, passedOn);
    passedOn += 1;
    heard(before);
  });
}

function output(stream: NodeJS.WriteStream): Output {
  let closed = false;
  // Whoever reads may stop early (`| head`): that is no error, and nothing is left to say.
  stream.on('error', () => {
    closed = true;
  });
  return {
    isTTY: stream.isTTY === true,
    ...(stream.isTTY === true ? { columns: stream.columns } : {}),
    write: (content) =>
      new Promise((resolve) => {
        if (closed) resolve();
        else stream.write(content, () => resolve());
      }),
  };
}

/** Never leaves half a file, nor one that others can read, in place of an old one. */
async function writePrivately(path: string, content: Uint8Array, overwrite: boolean): Promise<void> {
  const there = overwrite ? await stat(path).catch(() => undefined) : undefined;
  if (!overwrite || (there !== undefined && !there.isFile())) {
    await writeFile(path, content, { mode: 0o600, flag: overwrite ? 'w' : 'wx' });
    return;
  }
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const interruption = new AbortController();
onCtrlC(
  () => interruption.abort(),
  () => process.exit(130),
);

const host: Host = {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  ...(process.stderr.isTTY ? { spinnerStream: process.stderr } : {}),
  env: process.env,
  invokedAs: basename(process.argv[1] ?? 'kubectl-haptic_spire').replace(/\.[a-z]+$/, ''),
  platform: process.platform,
  runtime: `Node ${process.versions.node} ${process.platform}-${process.arch}`,
  now: () => Date.now(),
  interrupted: interruption.signal,
  get stdinIsTTY() {
    return isatty(0);
  },
  readStdin,
  readFile: (path) => readFile(path),
  writeFile: (path, content, { overwrite }) => writePrivately(path, content, overwrite),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  boundary: () => randomBytes(12).toString('hex'),
  // With a thousand pods most of the memory would be garbage that waits to be collected. Not before all is loaded: V8
  // takes no code that was compiled beforehand with other flags.
  spareMemory: () => {
    setFlagsFromString('--heap-growing-percent=5');
    setFlagsFromString('--optimize-for-size');
  },
};

// Connections that are kept alive for a next request would keep the process too.
void run(process.argv.slice(2), host).then((exitCode) => process.exit(exitCode));
