import { Argument, type Command } from 'commander';
import { SHELLS, type Shell, scriptFor } from './completion/scripts.ts';
import { type Host, UsageError } from './host.ts';

export function addCompletion(program: Command, name: string, host: Host, done: (exitCode: number) => void): void {
  program
    .command('completion')
    .description('print the completion script of a shell, or the shim that completes through kubectl')
    .addArgument(new Argument('[shell]', 'default: the shell in $SHELL').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  source <(${name} completion bash)
  ${name} completion fish > ~/.config/fish/completions/${programOf(host)}.fish

With kubectl's own completion, for "kubectl haptic-spire" in any shell:
  ${name} completion kubectl > ~/.local/bin/kubectl_complete-haptic_spire
  chmod +x ~/.local/bin/kubectl_complete-haptic_spire`,
    )
    .action(async (shell: Shell | undefined) => {
      await host.stdout.write(await scriptFor(shell ?? shellOf(host), programOf(host)));
      done(0);
    });
}

function shellOf({ env }: Host): Shell {
  const name = env.SHELL?.split('/').at(-1) ?? '';
  const shell = SHELLS.find((candidate) => candidate === name);
  if (shell === undefined) throw new UsageError(`name a shell: ${SHELLS.join(', ')}`);
  return shell;
}

/** The program's file name, as far as a script can hold it without quotes. */
function programOf({ invokedAs }: Host): string {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(invokedAs) ? invokedAs : 'kubectl-haptic_spire';
}
