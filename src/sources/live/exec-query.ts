/** Written by a form as escapes, although RFC 3986 lets them stand in a query as they are. */
const PLAIN = /%(?:21|24|28|29|2C|2F|3A|3D|3F|40|7E)/g;

/**
 * The query of an exec request, as short as it goes: its words go into the request line, and proxies before an API
 * server bound that line, often together with all headers, at 16 KiB.
 */
export function execQuery(container: string, words: readonly string[]): string {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  for (const word of words) query.append('command', word);
  return query.toString().replace(PLAIN, decodeURIComponent);
}
