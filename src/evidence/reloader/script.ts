/** What a shell script that pushes certificates over the Runtime API says about itself; absent where it doesn't. */
export interface ReloaderScript {
  /** Paths and socket that the script names. */
  readonly certificate?: string;
  readonly key?: string;
  readonly bundle?: string;
  readonly socket?: string;
  /** True when every Runtime API command is routed to the worker (`@1 …`). */
  readonly routesToWorker: boolean;
  /** True for the script whose first poll only records modification times. */
  readonly baselineRace: boolean;
  /** True when the script looks at what HAProxy answered. */
  readonly checksAnswers: boolean;
  /** True when it pushes the CA file too. */
  readonly pushesCa: boolean;
}

const LONGEST = 64 * 1024;
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+|readonly[ \t]+|local[ \t]+)?([A-Za-z_]\w{0,63})=("[^"$`\n]*"|'[^'\n]*'|[^\s;#&|"'$`(]*)/gm;
/** Everything after the kind up to a blank, a quote or what begins the payload. */
const COMMAND = /(set|commit|show)[ \t]+ssl[ \t]+(cert|ca-file)[ \t]+["']?([^\s"'<|;\\]{1,512})/g;
const SOCKET = /\b(?:unix-connect|unix-client|unix):["']?([^\s"',|;&)`]{1,512})/i;
const BARE_SOCKET = /\b(?:socat|nc)\b[^\n|]{0,200}?[ \t](\/[^\s"'|)]{1,512}\.sock)\b/;
/** A first poll that remembers what it saw and pushes nothing. */
const RECORDS_ONLY = /\[[ \t]+-z[ \t]+"?\$\{?(\w+)\}?"?[ \t]+\][^\n]{0,200}\bcontinue\b/;
const UNROUTED = /["'](?:set|commit)[ \t]+ssl[ \t][^\n]*\bsocat\b/;
/** After `;` the master reads the next command itself, unless that is routed again. */
const ROUTED_HALFWAY = /@1[^"'\n]{0,512};[ \t]*(?:set|commit)[ \t]+ssl\b/;

/** Reads by patterns, not by running: a path that only the running shell knows is absent. */
export function readReloaderScript(words: readonly string[]): ReloaderScript {
  const text = words.join('\n').slice(0, LONGEST);
  const variables = variablesOf(text);
  const target = (kind: 'cert' | 'ca-file') => {
    for (const [, , ofKind, word] of text.matchAll(COMMAND)) {
      const path = ofKind === kind && word ? expand(word, variables) : undefined;
      if (path !== undefined) return path;
    }
    return undefined;
  };
  const payload = /set[ \t]+ssl[ \t]+cert\b[^\n]{0,1024}/.exec(text)?.[0] ?? '';
  const [, key] = [...payload.matchAll(/\$\([ \t]*(?:cat[ \t]+|<[ \t]*)["']?([^\s"')]{1,512})/g)].map(([, word]) =>
    expand(word ?? '', variables),
  );
  const socketWord = (SOCKET.exec(text) ?? BARE_SOCKET.exec(text))?.[1];
  const socket = socketWord === undefined ? undefined : expand(socketWord, variables);
  const certificate = target('cert');
  const bundle = target('ca-file');
  const routed = /@(?:1|!\d|!\$)/.test(text) && !UNROUTED.test(text) && !ROUTED_HALFWAY.test(text);
  return {
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(socket === undefined ? {} : { socket }),
    routesToWorker: routed,
    baselineRace: RECORDS_ONLY.test(text),
    checksAnswers: /Success/.test(text),
    pushesCa: /\bset[ \t]+ssl[ \t]+ca-file\b/.test(text),
  };
}

function variablesOf(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const [, name, value] of text.matchAll(ASSIGNMENT)) {
    if (name === undefined || value === undefined || variables.has(name)) continue;
    variables.set(name, /^["']/.test(value) ? value.slice(1, -1) : value);
  }
  return variables;
}

/** The path that a word stands for; undefined when it is not a whole path then. */
function expand(word: string, variables: ReadonlyMap<string, string>): string | undefined {
  const text = word.replace(/\$(?:\{(\w+)\}|(\w+))/g, (reference: string, braced?: string, bare?: string) => {
    return variables.get(braced ?? bare ?? '') ?? reference;
  });
  return text.startsWith('/') && !/[$`%(]/.test(text) ? text : undefined;
}
