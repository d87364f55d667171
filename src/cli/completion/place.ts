import type { Command, Option } from 'commander';

/** What the cursor stands on. */
export type Place =
  | { readonly at: 'command'; readonly program: Command; readonly typed: string }
  | { readonly at: 'flag'; readonly command: Command; readonly typed: string }
  | { readonly at: 'value'; readonly command: Command; readonly option: Option; readonly typed: string }
  /** The `index`th word that belongs to no flag. */
  | {
      readonly at: 'argument';
      readonly program: Command;
      readonly command: Command;
      readonly index: number;
      readonly typed: string;
    }
  | { readonly at: 'nowhere' };

/** A command line up to the cursor. */
export interface Line {
  readonly place: Place;
  /** Values of the flags before the cursor, by the names that commander gives them; `true` for a switch. */
  readonly given: ReadonlyMap<string, readonly (string | true)[]>;
}

/** Finds where in a command line its last word stands; the words before it need not be right. */
export function readLine(program: Command, words: readonly string[]): Line {
  const given = new Map<string, (string | true)[]>();
  const typed = words.at(-1) ?? '';
  let command = program;
  let index = 0;
  let waiting: Option | undefined;
  const take = (option: Option, value: string | true) => {
    const name = option.attributeName();
    given.set(name, [...(given.get(name) ?? []), value]);
  };
  for (const word of words.slice(0, -1)) {
    if (waiting !== undefined) {
      const option: Option = waiting;
      waiting = undefined;
      if (option.required || !word.startsWith('-')) {
        take(option, word);
        continue;
      }
    }
    const flag = flagOf(command, word);
    if (flag?.option !== undefined) {
      if (flag.value !== undefined || isSwitch(flag.option)) take(flag.option, flag.value ?? true);
      else waiting = flag.option;
    } else if (flag === undefined) {
      if (command !== program) index += 1;
      else {
        const named = subcommand(program, word);
        if (named === undefined) return { place: { at: 'nowhere' }, given };
        command = named;
      }
    }
  }
  return { place: placeOf(program, command, { typed, index, waiting }), given };
}

function placeOf(
  program: Command,
  command: Command,
  { typed, index, waiting }: { readonly typed: string; readonly index: number; readonly waiting: Option | undefined },
): Place {
  if (waiting !== undefined && (waiting.required || !typed.startsWith('-')))
    return { at: 'value', command, option: waiting, typed };
  const flag = flagOf(command, typed);
  if (flag?.value !== undefined) {
    const { option, value } = flag;
    const complete = option !== undefined && !isSwitch(option) && typed.includes('=');
    return complete ? { at: 'value', command, option, typed: value } : { at: 'nowhere' };
  }
  if (flag !== undefined) return { at: 'flag', command, typed };
  return command === program ? { at: 'command', program, typed } : { at: 'argument', program, command, index, typed };
}

/** Commands of the program, and `help`, which takes the name of one. */
export function subcommand(program: Command, name: string): Command | undefined {
  return program
    .createHelp()
    .visibleCommands(program)
    .find((candidate) => candidate.name() === name);
}

/** Flags that `--help` lists. */
export function flagsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** A word that is a flag, with what is attached to it; undefined for other words. */
function flagOf(command: Command, word: string): { readonly option?: Option; readonly value?: string } | undefined {
  if (!word.startsWith('-')) return undefined;
  const [, name = '', afterEquals, attached = afterEquals] = /^(--[^=]*|-[^-=]|-)(?:=(.*)|(.+))?$/s.exec(word) ?? [];
  const option = flagsOf(command).find(({ long, short }) => long === name || short === name);
  return { ...(option === undefined ? {} : { option }), ...(attached === undefined ? {} : { value: attached }) };
}

function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional;
}
