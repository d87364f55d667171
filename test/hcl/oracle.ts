import { Buffer } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './outcome.ts';

/** The Go library behind a command that reads texts and writes what it made of them. */
export class Oracle {
  readonly #directory: string;
  readonly #command: string;

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'hcl-oracle-'));
    this.#command = join(this.#directory, 'oracle');
    execFileSync('go', ['build', '-o', this.#command, '.'], { cwd: join(import.meta.dirname, 'oracle') });
  }

  ask(texts: readonly Buffer[]): Outcome[] {
    const input = texts.map((text) => `${text.toString('base64')}\n`).join('');
    const run = spawnSync(this.#command, { input, maxBuffer: 2 ** 30 });
    if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr}`);
    return run.stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line): Outcome => JSON.parse(line));
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function goIsMissing(): boolean {
  return spawnSync('go', ['version']).status !== 0;
}

/** For the message of a failed comparison. */
export function readable(text: Buffer, outcome: Outcome): string {
  const message = Buffer.from(outcome.message ?? '', 'base64').toString();
  return `${JSON.stringify(text.toString())}: ${outcome.how} ${message}${JSON.stringify(outcome.values ?? '')}`;
}
