import type { Command } from 'commander';
import type { Host } from './host.ts';
import type { RbacOptions } from './rbac-command.ts';
import { boundSubjects } from './rbac-subject.ts';
import { commaSeparated, nonEmpty, repeatedName } from './values.ts';

export function addRbac(program: Command, name: string, host: Host, done: (exitCode: number) => void): void {
  program
    .command('rbac')
    .description('print the least roles and bindings that the checks need, as YAML')
    .option('-n, --namespace <name>', 'only HAPTIC in this namespace, as with doctor', nonEmpty)
    .option('--spire-namespace <name>', 'with -n: where SPIRE runs, its agents too (repeatable)', repeatedName)
    .option('--backend-namespace <name>', 'with -n: where Ingresses ask for mTLS (repeatable)', repeatedName)
    .option('--check <ids>', 'only these checks and what they depend on (repeatable, commas)', commaSeparated)
    .option('--skip <ids>', 'all checks but these (repeatable, commas)', commaSeparated)
    .option('--no-exec', 'for doctor --no-exec')
    .option('--no-logs', 'for doctor --no-logs')
    .option(
      '--for <subject>',
      'whom to bind: user:NAME, group:NAME, serviceaccount:NAMESPACE/NAME (repeatable)',
      boundSubjects,
    )
    .addHelpText(
      'after',
      `
Examples:
  ${name} rbac --for group:oncall | kubectl apply -f -
  ${name} rbac -n haptic --spire-namespace spire-server --backend-namespace shop
  ${name} rbac --no-exec --check csi-socket-name --for jane@example.com`,
    )
    .action(async (options: RbacOptions) => done(await (await import('./rbac-command.ts')).rbac(options, host)));
}
