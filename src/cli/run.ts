import { CommanderError } from 'commander';
import { CannotRun } from '../doctor/cannot-run.ts';
import { printable } from '../report/escape.ts';
import { type Host, UsageError } from './host.ts';
import { withoutFlagValues } from './kubectl-booleans.ts';
import { buildProgram } from './program.ts';
import { Interrupted } from './sources.ts';

/** Runs one command line (without the program's own name) and resolves to its exit code. Never rejects. */
export async function run(words: readonly string[], host: Host): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(host, (code) => {
    exitCode = code;
  });
  try {
    if (words.length === 0) {
      program.outputHelp();
      return 0;
    }
    if (words[0] === '__complete') {
      const { complete } = await import('./completion/complete.ts');
      return await complete(program, words.slice(1), host);
    }
    await program.parseAsync([...withoutFlagValues(words)], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof Interrupted) {
      await host.stderr.write('error: interrupted before there was anything to judge\n');
      return 130;
    }
    await host.stderr.write(`error: ${oneLine(error)}\n`);
    return 3;
  }
}

/** What went wrong, for the person who typed. Texts of exceptions that nobody foresaw are shown as such. */
function oneLine(error: unknown): string {
  if (error instanceof CommanderError) return flat(error.message.replace(/^error: /, ''));
  if (error instanceof UsageError || error instanceof CannotRun) return flat(error.message);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return flat(`a defect of the doctor itself: ${text}`);
}

function flat(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, ' '));
}
