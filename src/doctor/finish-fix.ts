import { managerOf } from '../evidence/owner.ts';
import type { ObjectRef } from '../evidence/reading.ts';
import type { World } from '../evidence/world.ts';
import type { Fix, KubectlCommand } from './check.ts';
import type { ReportFix } from './report.ts';
import { quoteWords } from './shell-quote.ts';
import { withInput } from './standard-input.ts';

/** Turns a check's fix into what can be pasted: context, namespace and quoting added, the owner named. Of files the fix
 * is an edit: what they describe may run nowhere. */
export function finishFix(fix: Fix, culprit: ObjectRef, world: World, context: string | undefined): ReportFix {
  const { summary, patch, edit, durable, impact, preconditions = [], undo, manual } = fix;
  const lines = (world.fromFiles ? [] : (fix.commands ?? [])).map((command) => commandLine(command, culprit, context));
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
const OPTIONS =
  /^(?:-c|-f|-i|-o|--|--server-side|--overwrite|--type(?:=\w+)?|--patch|--patch-file=\/dev\/stdin|--tail(?:=\d+)?|--replicas=\d+|--timeout=\d+s|--from-(?:file|literal)=.*)$/;

/** Whether a name from the cluster would be taken for an option, `--server=…`, say: quoting does not help there. */
function looksLikeOption(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const words = args.slice(0, end < 0 ? undefined : end);
  return words.some(
    (word, place) => word.startsWith('-') && !OPTIONS.test(word) && !(word === '-' && words[place - 1] === '-f'),
  );
}

function commandLine(
  { namespace, args, stdin }: KubectlCommand,
  culprit: ObjectRef,
  context: string | undefined,
): string | undefined {
  if (looksLikeOption(args)) return undefined;
  const scope = namespace ?? culprit.namespace;
  const line = quoteWords([
    'kubectl',
    ...(context === undefined ? [] : ['--context', context]),
    ...(scope === undefined ? [] : ['-n', scope]),
    ...args,
  ]);
  return line === undefined || stdin === undefined ? line : withInput(line, stdin);
}

function managerFor(culprit: ObjectRef, world: World): string | undefined {
  const reading = world.object(culprit.kind, culprit.namespace, culprit.name);
  return reading.state === 'known' ? managerOf(reading.value.object) : undefined;
}
