import type { ContainerView } from './pod-view.ts';

/** One simple command of a script. A word that depends on what only the running shell knows is `undefined`. */
export interface ShellCommand {
  readonly words: readonly (string | undefined)[];
}

const SHELLS = /(?:^|\/)(?:ba|da|a|z|k)?sh$/;
const LONGEST_SCRIPT = 64 * 1024;
const MOST_COMMANDS = 2000;
const RESERVED = [
  'then',
  'do',
  'else',
  'elif',
  'if',
  'while',
  'until',
  '!',
  '{',
  'exec',
  'command',
  'sudo',
  'time',
  'eval',
];

/** What a container's command and args run, as far as they tell; `opaque` when the image's entrypoint decides. */
export function commandsOf(container: ContainerView): {
  readonly commands: readonly ShellCommand[];
  readonly opaque: boolean;
} {
  const words = [...container.command, ...container.args];
  const shell = words.findIndex((word) => SHELLS.test(word));
  const flag = shell < 0 ? -1 : words.findIndex((word, index) => index > shell && /^-[a-z]*c[a-z]*$/.test(word));
  if (flag > shell) return { commands: parseScript(words[flag + 1] ?? ''), opaque: false };
  if (words.length > 0) return { commands: [{ words }], opaque: container.command.length === 0 };
  return { commands: [], opaque: true };
}

/**
 * The simple commands of a POSIX shell script, in order, with variables that the script itself sets filled in and
 * `for` loops over words unrolled. Not a shell: substitutions, arithmetic and globs make a word `undefined`.
 */
export function parseScript(script: string): readonly ShellCommand[] {
  const before = parsed.get(script);
  if (before !== undefined) return before;
  const commands = parse(script);
  if (parsed.size >= REMEMBERED) parsed.clear();
  parsed.set(script, commands);
  return commands;
}

/** All pods of a Deployment run the same scripts. */
const REMEMBERED = 100;
const parsed = new Map<string, readonly ShellCommand[]>();

function parse(script: string): readonly ShellCommand[] {
  const variables = new Map<string, readonly string[]>();
  const commands: ShellCommand[] = [];
  for (const raw of splitCommands(script.slice(0, LONGEST_SCRIPT))) {
    if (commands.length >= MOST_COMMANDS) break;
    const tokens = dropReserved(raw);
    if (tokens[0] === 'for' && tokens[2] === 'in') {
      const values = tokens.slice(3).map((token) => expand(token, variables)[0]);
      if (values.every((value) => value !== undefined)) variables.set(tokens[1] ?? '', values);
      else variables.delete(tokens[1] ?? '');
      continue;
    }
    const words = dropAssignments(tokens, variables);
    if (words.length > 0) commands.push(...unroll(words, variables));
  }
  return commands;
}

/** Splits at unquoted separators and newlines; the tokens keep their quotes. Comments and here-documents are left out. */
function splitCommands(script: string): string[][] {
  const commands: string[][] = [];
  let tokens: string[] = [];
  let token = '';
  let quote = '';
  let hereEnd: string | undefined;
  const endToken = () => {
    if (token !== '') tokens.push(token);
    token = '';
  };
  const endCommand = () => {
    endToken();
    if (tokens.length > 0) commands.push(tokens);
    tokens = [];
  };
  for (const line of script.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    if (hereEnd !== undefined) {
      if (line.trim() === hereEnd) hereEnd = undefined;
      continue;
    }
    for (let at = 0; at < line.length; at += 1) {
      const char = line[at] ?? '';
      if (quote !== '') {
        token += char;
        if (char === quote) quote = '';
        else if (char === '\\' && quote === '"') token += line[++at] ?? '';
      } else if (char === "'" || char === '"' || char === '`') {
        quote = char;
        token += char;
      } else if (char === '\\') token += char + (line[++at] ?? '');
      else if (char === '$' && line[at + 1] === '(') {
        // What a substitution yields is not known; its text is skipped up to the matching parenthesis.
        const end = closing(line, at + 1);
        token += '$(';
        at = end;
      } else if (char === '#' && token === '') break;
      else if (char === ' ' || char === '\t') endToken();
      else if (';&|()'.includes(char)) endCommand();
      else token += char;
    }
    if (quote !== '') token += '\n';
    else {
      const here = /<<-?\s*\\?(['"]?)(\w+)\1/.exec(line);
      endCommand();
      hereEnd = here?.[2];
    }
  }
  endCommand();
  return commands;
}

function closing(line: string, open: number): number {
  let depth = 0;
  for (let at = open; at < line.length; at += 1) {
    if (line[at] === '(') depth += 1;
    if (line[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return line.length;
}

function dropReserved(tokens: readonly string[]): readonly string[] {
  const start = tokens.findIndex((token) => !RESERVED.includes(token));
  return start < 0 ? [] : tokens.slice(start);
}

function dropAssignments(tokens: readonly string[], variables: Map<string, readonly string[]>): readonly string[] {
  let start = 0;
  for (const token of tokens) {
    const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(token);
    if (!assignment) break;
    const [value] = expand(assignment[2] ?? '', variables);
    if (value === undefined) variables.delete(assignment[1] ?? '');
    else variables.set(assignment[1] ?? '', [value]);
    start += 1;
  }
  return tokens.slice(start).filter((token) => !/^\d*[<>]/.test(token));
}

function unroll(tokens: readonly string[], variables: Map<string, readonly string[]>): ShellCommand[] {
  const looped = [...variables].find(
    ([name, values]) => values.length > 1 && tokens.some((token) => mentions(token, name)),
  );
  if (!looped) return [{ words: tokens.map((token) => expand(token, variables)[0]) }];
  const [name, values] = looped;
  return values.slice(0, 64).map((value) => {
    const one = new Map(variables).set(name, [value]);
    return { words: tokens.map((token) => expand(token, one)[0]) };
  });
}

function mentions(token: string, name: string): boolean {
  return token.includes(`$${name}`) || token.includes(`\${${name}}`);
}

/** The token without quotes and with its variables filled in; `[undefined]` when that cannot be known. */
function expand(token: string, variables: ReadonlyMap<string, readonly string[]>): readonly [string | undefined] {
  let text = '';
  let quote = '';
  for (let at = 0; at < token.length; at += 1) {
    const char = token[at] ?? '';
    if (char === "'" && quote !== '"') quote = quote === "'" ? '' : "'";
    else if (char === '"' && quote !== "'") quote = quote === '"' ? '' : '"';
    else if (char === '\\' && quote !== "'") text += token[++at] ?? '';
    else if (char === '`' && quote !== "'") return [undefined];
    else if (char === '$' && quote !== "'") {
      const variable = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/.exec(token.slice(at, at + 80));
      const values = variables.get(variable?.[1] ?? variable?.[2] ?? '');
      if (!variable || values?.length !== 1) return [undefined];
      text += values[0] ?? '';
      at += variable[0].length - 1;
    } else if (quote === '' && /[*?[{]/.test(char)) return [undefined];
    else text += char;
  }
  return [text];
}
