import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { locate } from '../../probe/requirements.ts';

/** What a kubectl that has ended said. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  /** Without white space at its ends. */
  readonly stderr: string;
}

/** A kubectl that may still run. */
export interface Started {
  readonly said: Promise<Said>;
  /** Ends it at once, as if its machine were gone. */
  readonly kill: () => void;
}

export interface KubectlRunner {
  /** `heard` is told all of stdout so far, whenever there is more. */
  readonly start: (user: string, args: readonly string[], heard: (stdout: string) => void) => Started;
  readonly as: (user: string, args: readonly string[], stdin?: string) => Promise<Said>;
  /** Ends what still runs. */
  readonly stop: () => void;
  /** Ends what still runs, and removes its files. */
  readonly close: () => void;
}

/** The kubectl that `KUBECTL` names; undefined when there is none. */
export const kubectlPath: string | undefined = locate(env.KUBECTL ?? '');

/** Runs a real kubectl, with a kubeconfig for each user and nothing else of this machine's. */
export function kubectlRunner(kubeconfigs: Readonly<Record<string, string>>): KubectlRunner {
  const directory = mkdtempSync(join(tmpdir(), 'testbed-kubectl-'));
  const running = new Set<ChildProcess>();
  for (const [user, text] of Object.entries(kubeconfigs)) writeFileSync(join(directory, user), text, { mode: 0o600 });

  const launch = (user: string, args: readonly string[], heard: (stdout: string) => void) => {
    const child = spawn(kubectlPath ?? 'kubectl', args, {
      env: { HOME: directory, KUBECONFIG: join(directory, user), KUBECACHEDIR: join(directory, 'cache') },
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
      heard(stdout);
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    const said = new Promise<Said>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        running.delete(child);
        resolve({ code, stdout, stderr: stderr.trim() });
      });
    });
    return { said, child };
  };
  const stop = () => {
    for (const child of running) child.kill('SIGKILL');
  };

  return {
    start: (user, args, heard) => {
      const { said, child } = launch(user, args, heard);
      return { said, kill: () => child.kill('SIGKILL') };
    },
    as: (user, args, stdin = '') => {
      const { said, child } = launch(user, args, () => undefined);
      // It may end without reading.
      child.stdin.on('error', () => undefined).end(stdin);
      return said;
    },
    stop,
    close: () => {
      stop();
      rmSync(directory, { recursive: true });
    },
  };
}
