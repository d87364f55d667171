/** Escaped in a component, although RFC 3986 lets them stand in a query as they are; a blank is shorter as a form has it. */
const PLAIN = /%(?:20|24|2C|2F|3A|3D|3F|40)/g;
/** Characters from which a word is worth remembering: only the script is as long, and it is the same in all pods. */
const LONG = 1000;

/**
 * The query of an exec request, as short as it goes: its words go into the request line, and proxies before an API
 * server bound that line, often together with all headers, at 16 KiB.
 */
export function execQuery(container: string, words: readonly string[]): string {
  const head = encoded({ container, stdout: 'true', stderr: 'true' });
  return [head, ...words.map(encodedCommand)].join('&');
}

let last: { readonly word: string; readonly query: string } | undefined;

function encodedCommand(command: string): string {
  if (command.length < LONG) return encoded({ command });
  if (last?.word !== command) last = { word: command, query: encoded({ command }) };
  return last.query;
}

/** Not by `URLSearchParams`, which takes milliseconds for the script before anything is optimized. */
function encoded(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed()).replace(PLAIN, plain)}`)
    .join('&');
}

function plain(escaped: string): string {
  return escaped === '%20' ? '+' : decodeURIComponent(escaped);
}
