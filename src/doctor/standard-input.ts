import { type Json, type JsonObject, listAt, objectAt } from '../evidence/json.ts';
import type { DummyPart, StandardInput } from './check.ts';
import { isPasteable, quoteWords } from './shell-quote.ts';
import { writeYaml } from './yaml-text.ts';

/** RSA because every OpenSSL and LibreSSL makes it alike; a century, since a validation reads no dates but people do. */
const MAKE_DUMMY =
  'openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj /CN=validation-placeholder -keyout - -out - 2>/dev/null';

/** Picks one part of `$pem`, indented as the text of a key of `data`. */
const PICK: Readonly<Record<DummyPart, string>> = {
  certificate: `sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/s/^/    /p'`,
  key: `sed -n '/BEGIN.*PRIVATE KEY/,/END.*PRIVATE KEY/s/^/    /p'`,
  'certificate-and-key': `sed 's/^/    /'`,
};

/** A quoted command line with its standard input around it; undefined when that cannot be pasted safely. */
export function withInput(line: string, { document, dummyPem }: StandardInput): string | undefined {
  if (!isShown(document) || !Object.keys(dummyPem ?? {}).every(isPasteable)) return undefined;
  return dummyPem === undefined ? hereDocument(line, document) : dummyPipeline(line, document, dummyPem);
}

/** Lines and tabs are written out as escapes in YAML; whatever else does not show would be overlooked. */
function isShown(value: Json | undefined): boolean {
  if (typeof value === 'string') return isPasteable(value.replaceAll(/[\n\t]/g, ' '));
  return (
    listAt(value).every(isShown) &&
    Object.entries(objectAt(value)).every(([key, member]) => isPasteable(key) && isShown(member))
  );
}

function hereDocument(line: string, document: JsonObject): string {
  const text = writeYaml(document);
  const lines = text.split('\n');
  let end = 'EOF';
  while (lines.includes(end)) end += '_';
  return `${line} <<'${end}'\n${text}${end}`;
}

/** Nothing reaches kubectl unless openssl made something; `printf` is the shell's own, so no process list shows the key. */
function dummyPipeline(
  line: string,
  document: JsonObject,
  parts: Readonly<Record<string, DummyPart>>,
): string | undefined {
  const { data, ...rest } = document;
  const kept = Object.entries(objectAt(data)).filter(([key]) => !Object.hasOwn(parts, key));
  const head = [
    ...(Object.keys(rest).length > 0 ? linesOf(rest) : []),
    'data:',
    ...(kept.length > 0 ? linesOf(Object.fromEntries(kept)).map((text) => `  ${text}`) : []),
  ];
  const steps = Object.entries(parts).map(([key, part], place) => {
    const words = ['printf', '%s\\n', ...(place === 0 ? head : []), `  ${JSON.stringify(key)}: |`];
    const said = quoteWords(words);
    return said === undefined ? undefined : `${said}\nprintf '%s\\n' "$pem" | ${PICK[part]}`;
  });
  if (steps.includes(undefined)) return undefined;
  return `(pem=$(${MAKE_DUMMY}) && {\n${steps.join('\n')}\n} | ${line})`;
}

function linesOf(document: JsonObject): readonly string[] {
  return writeYaml(document).trimEnd().split('\n');
}
