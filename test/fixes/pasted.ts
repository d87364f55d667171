import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One call of kubectl: the words that it got, and what it read. */
export interface PastedCall {
  readonly words: readonly string[];
  readonly input: string;
}

export interface Pasted {
  readonly calls: readonly PastedCall[];
  /** Files that the commands made where they were typed. */
  readonly made: readonly string[];
  readonly complaints: string;
}

/** Writes down its words and its standard input, one file a call. */
const KUBECTL = `kubectl() {
  call=$(mktemp "$CALLS/XXXXXX")
  printf '%s\\0' "$@" > "$call"
  cat > "$call.input"
}
`;

/** What happens when these commands are pasted into a POSIX shell in an empty folder; one call at most is expected to each. */
export function runPasted(commands: readonly string[], { openssl }: { readonly openssl?: 'missing' } = {}): Pasted {
  const calls = mkdtempSync(join(tmpdir(), 'pasted-calls-'));
  const work = mkdtempSync(join(tmpdir(), 'pasted-'));
  try {
    const script = join(calls, 'script');
    const without = openssl === 'missing' ? 'openssl() { return 127; }\n' : '';
    writeFileSync(script, `${KUBECTL}${without}${commands.join('\n')}\n`);
    const { stderr } = spawnSync('/bin/sh', [script], {
      cwd: work,
      env: { PATH: '/usr/bin:/bin', HOME: work, CALLS: calls },
    });
    const names = readdirSync(calls).filter((name) => name !== 'script' && !name.endsWith('.input'));
    return {
      calls: names.map((name) => ({
        words: readFileSync(join(calls, name), 'utf8').split('\0').slice(0, -1),
        input: readFileSync(join(calls, `${name}.input`), 'utf8'),
      })),
      made: readdirSync(work),
      complaints: stderr.toString('utf8'),
    };
  } finally {
    rmSync(calls, { recursive: true });
    rmSync(work, { recursive: true });
  }
}
