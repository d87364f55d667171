/** Written by a form as escapes, although RFC 3986 lets them stand in a query as they are. */
const PLAIN = /%(?:21|24|28|29|2C|2F|3A|3D|3F|40|7E)/g;
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

function encoded(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString().replace(PLAIN, decodeURIComponent);
}
