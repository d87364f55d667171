import type { ContainerView } from '../pod-view.ts';

/** What the command line tells spiffe-helper. Flags follow the rules of Go's flag package. */
export interface HelperArguments {
  /** Value of `-config` as written; absent when the command line doesn't have it. */
  readonly config?: string;
  /** `-daemon-mode`, which outranks the file. */
  readonly daemonMode?: boolean;
  /** Flags that end the process at once, as written. */
  readonly unknown: readonly string[];
  /** True when something else than spiffe-helper starts first, so that the flags are a guess. */
  readonly wrapped: boolean;
}

const SHELL = /(?:^|\/)(?:ba|da|a|z)?sh$/;
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];
const HARMLESS = ['h', 'help', 'version'];

export function argumentsOf({ command, args }: ContainerView): HelperArguments {
  const [program, ...rest] = command;
  if (program === undefined) return readFlags(args, false);
  if (!SHELL.test(program)) return readFlags([...rest, ...args], !/spiffe-helper$/.test(program));
  const words = [...rest, ...args].join(' ').split(/[\s"';&|]+/);
  const start = words.findIndex((word) => /(?:^|\/)spiffe-helper$/.test(word));
  return { ...readFlags(words.slice(start + 1), true), unknown: [] };
}

function readFlags(words: readonly string[], wrapped: boolean): HelperArguments {
  let config: string | undefined;
  let daemonMode: boolean | undefined;
  const unknown: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    // The first word that is no flag ends them; so does `--`.
    const flag = /^--?([^-=][^=]*)(?:=([\s\S]*))?$/.exec(words[index] ?? '');
    if (!flag) break;
    const [, name = '', value] = flag;
    if (name === 'config' && value === undefined) index += 1;
    if (name === 'config') config = value ?? words[index];
    else if (name === 'daemon-mode') daemonMode = truth(value ?? 'true') ?? daemonMode;
    else if (!HARMLESS.includes(name)) {
      unknown.push(words[index] ?? '');
      break;
    }
  }
  return {
    ...(config === undefined ? {} : { config }),
    ...(daemonMode === undefined ? {} : { daemonMode }),
    unknown: wrapped ? [] : unknown,
    wrapped,
  };
}

function truth(value: string): boolean | undefined {
  if (TRUE.includes(value)) return true;
  return FALSE.includes(value) ? false : undefined;
}
