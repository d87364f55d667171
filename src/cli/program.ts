import { Argument, Command, Option } from 'commander';
import type { ChecksOptions } from './checks-command.ts';
import { addCompletion } from './completion-command.ts';
import {
  addConnectionFlags,
  addDoctorFlags,
  addScopeFlags,
  addTalkFlags,
  type CollectOptions,
  type DoctorOptions,
} from './flags.ts';
import type { Host } from './host.ts';
import { addRbac } from './rbac-flags.ts';
import { nonEmpty } from './values.ts';
import type { VersionOptions } from './version-command.ts';

const EXIT_CODES = `
Exit codes, the same for every format:
  0    nothing at or above --fail-on, and everything that could be judged was
  1    at least one finding at or above --fail-on
  2    none such, but something could not be judged (see --allow-unknown)
  3    the doctor could not run: usage, unreadable input, no cluster, no HAPTIC
  130  interrupted; what was gathered until then has been judged and printed`;

/** The commands and their flags. `done` is told the exit code of the command that ran. */
export function buildProgram(host: Host, done: (exitCode: number) => void): Command {
  const name = host.invokedAs.startsWith('kubectl-') ? 'kubectl haptic-spire' : host.invokedAs;
  const program = new Command(name)
    .description("Finds the broken hop between SPIRE and HAProxy's backend mTLS, and says what to type.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      // Errors are one line, which the caller writes.
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(100, host.stdout.columns ?? 80),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpCommand('help [command]', 'help for a command')
    .addHelpText(
      'after',
      `
Examples:
  ${name} doctor                              the cluster of the current context
  ${name} doctor --demo                       a built-in broken installation
  helm template … | ${name} doctor -f -       what is about to be installed
  ${name} explain csi-socket-name             one check, its causes and cures`,
    );
  addDoctor(program, name, host, done);
  addCollect(program, name, host, done);
  program
    .command('checks')
    .description('list the checks: id, stage, subject, title, what they need, docs, guide')
    .addOption(
      new Option('-o, --output <format>', 'format of the list').choices(['text', 'wide', 'json']).default('text'),
    )
    .action(async (options: ChecksOptions) =>
      done(await (await import('./checks-command.ts')).listChecks(options, host)),
    );
  program
    .command('explain')
    .description('the troubleshooting entry of a check or of one of its messages, offline')
    .addArgument(
      new Argument('<check[/message]>', 'such as csi-socket-name or csi-socket-name/wrong-name').argParser(nonEmpty),
    )
    .action(async (what: string) => done(await (await import('./explain-command.ts')).explain(what, host)));
  addRbac(program, name, host, done);
  addCompletion(program, name, host, done);
  program
    .command('version')
    .description('version, commit, runtime')
    .addOption(new Option('-o, --output <format>', 'format').choices(['text', 'json']).default('text'))
    .action(async (options: VersionOptions) =>
      done(await (await import('./version-command.ts')).version(options, host)),
    );
  return program;
}

function addDoctor(program: Command, name: string, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('doctor')
    .description('say why mTLS between HAProxy and its backends is broken or about to break, and what to type');
  addScopeFlags(command);
  addDoctorFlags(command);
  addTalkFlags(command);
  addConnectionFlags(command);
  command
    .addHelpText(
      'after',
      `
Examples:
  ${name} doctor -n haptic
  ${name} doctor --no-exec -o json
  ${name} doctor --check cert-loaded,svid-valid --pod haptic-haproxy-0
  ${name} doctor -f rendered/ --complete --fail-on warn
  ${name} doctor --snapshot haptic-spire-prod-20261122T030000Z.json.gz
  ${name} doctor --demo list
${EXIT_CODES}`,
    )
    .action(async (options: DoctorOptions) => done(await (await import('./doctor-command.ts')).doctor(options, host)));
}

function addCollect(program: Command, name: string, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('collect')
    .description('write a snapshot that doctor --snapshot judges elsewhere; private keys are never in it')
    .option(
      '-o, --output <file>',
      'where to write; - is standard output (default: haptic-spire-<context>-<UTC time>.json.gz)',
      nonEmpty,
    );
  addScopeFlags(command);
  addTalkFlags(command);
  addConnectionFlags(command);
  command
    .addHelpText(
      'after',
      `
Examples:
  ${name} collect
  ${name} collect -n haptic --no-exec -o haptic.json.gz
  ${name} collect -o - | gzip -d | less`,
    )
    .action(async (options: CollectOptions) =>
      done(await (await import('./collect-command.ts')).collect(options, host)),
    );
}
