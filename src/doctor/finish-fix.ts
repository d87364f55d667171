import { managerOf } from '../evidence/owner.ts';
import type { ObjectRef } from '../evidence/reading.ts';
import type { World } from '../evidence/world.ts';
import type { Fix, KubectlCommand } from './check.ts';
import type { ReportFix } from './report.ts';
import { quoteWord } from './shell-quote.ts';

/** Turns a check's fix into what can be pasted: context, namespace and quoting added, the owner named. */
export function finishFix(fix: Fix, culprit: ObjectRef, world: World, context: string | undefined): ReportFix {
  const { summary, patch, edit, durable, impact, preconditions = [], undo, manual } = fix;
  const lines = (fix.commands ?? []).map((command) => commandLine(command, culprit, context));
  const commands = lines.flatMap((line) => (line === undefined ? [] : [line]));
  const unquotable = commands.length < lines.length;
  const managedBy = world.fromFiles ? undefined : managerFor(culprit, world);
  const why =
    manual ??
    (unquotable
      ? 'a name in the command contains control characters or begins like an option, so that no command can carry it safely'
      : undefined);
  return {
    summary,
    commands: unquotable ? [] : commands,
    ...(patch === undefined ? {} : { patch }),
    ...(edit === undefined ? {} : { edit }),
    ...(durable === undefined ? {} : { durable }),
    ...(managedBy === undefined ? {} : { managedBy }),
    impact,
    preconditions,
    ...(undo === undefined ? {} : { undo }),
    ...(why === undefined ? {} : { manual: why }),
  };
}

/** The options that fixes use. */
const OPTIONS = /^(?:-c|-o|--|--overwrite|--type(?:=\w+)?|--patch|--tail(?:=\d+)?|--from-(?:file|literal)=.*)$/;

/** Whether a name from the cluster would be taken for an option, `--server=…`, say: quoting does not help there. */
function looksLikeOption(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((word) => word.startsWith('-') && !OPTIONS.test(word));
}

function commandLine(
  { namespace, args }: KubectlCommand,
  culprit: ObjectRef,
  context: string | undefined,
): string | undefined {
  const scope = namespace ?? culprit.namespace;
  const words = [
    'kubectl',
    ...(context === undefined ? [] : ['--context', context]),
    ...(scope === undefined ? [] : ['-n', scope]),
    ...args,
  ];
  if (looksLikeOption(args)) return undefined;
  const quoted = words.map(quoteWord);
  return quoted.some((word) => word === undefined) ? undefined : quoted.join(' ');
}

function managerFor(culprit: ObjectRef, world: World): string | undefined {
  const reading = world.object(culprit.kind, culprit.namespace, culprit.name);
  return reading.state === 'known' ? managerOf(reading.value.object) : undefined;
}
