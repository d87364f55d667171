import type { MtlsSnippet } from '../facts/installation.ts';

/** What a snippet does, as its text says it. */
export type SnippetReading = Pick<MtlsSnippet, 'annotation' | 'certificate' | 'caFile' | 'sni' | 'verify'>;

const MAX_TEMPLATE = 65_536;
/** Annotations of other libraries, which such a snippet reads to find conflicts. */
const OTHERS =
  /^(?:(?:ingress\.)?haproxy\.(?:org|com)|haproxy-ingress\.github\.io|(?:nginx\.)?ingress\.kubernetes\.io|nginx\.org)\//;

/**
 * Reads a `backend-directives-*` template: which annotation it asks for, and what it puts on server lines then.
 * Undefined for a template that puts no client certificate there, or reads no annotation of its own.
 */
export function readSnippet(template: string): SnippetReading | undefined {
  const text = template.slice(0, MAX_TEMPLATE).replace(/\{#[\s\S]*?#\}/g, '');
  const flags = joinStrings(text);
  const annotation = annotationOf(text);
  const certificate = /\bcrt\s+(\/[^\s"'`]+)/.exec(flags)?.[1];
  const caFile = /\bca-file\s+([/@][^\s"'`]+)/.exec(flags)?.[1];
  if (annotation === undefined || (certificate === undefined && caFile === undefined)) return undefined;
  const verify = /\bverify\s+(none|required)\b/.exec(flags)?.[1];
  const sni = sniOf(flags, text);
  return {
    annotation,
    ...(certificate === undefined ? {} : { certificate }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(sni === undefined ? {} : { sni }),
    ...(verify === 'none' || verify === 'required' ? { verify } : {}),
  };
}

/** `"a " +\n "b"` reads `"a b"`. */
function joinStrings(text: string): string {
  return text.replace(/"\s{0,200}\+\s{0,200}"/g, '');
}

/** Of several keys, the one whose value is compared with "true": that is what switches mTLS on. */
function annotationOf(text: string): string | undefined {
  const reads = [...text.matchAll(/dig\(\s*"metadata"\s*,\s*"annotations"\s*,\s*"([^"\s]{1,317})"/g)];
  const own = reads.filter((match) => !OTHERS.test(match[1] ?? ''));
  const switching = own.find((match) => {
    const name = /\bvar\s+(\w+)\s*=[^=]*$/.exec(text.slice(Math.max(0, match.index - 200), match.index))?.[1];
    const after = text.slice(match.index, match.index + 300);
    const compared = name !== undefined && new RegExp(`\\b${name}\\s*==\\s*"true"`).test(text);
    return compared || /^[^%{}]*==\s*"true"/.test(after);
  });
  return (switching ?? own[0])?.[1];
}

/** The name that is sent, with `<svc>` and `<ns>` for what the template fills in; undefined when it sends none. */
function sniOf(flags: string, text: string): string | undefined {
  const at = /\bsni\s+str\(/.exec(flags);
  if (!at) return undefined;
  // Begins inside a string literal, and ends with the parenthesis that a literal closes.
  const rest = flags.slice(at.index + at[0].length, at.index + 500);
  const parts = rest.split('"');
  let name = '';
  for (const [index, part] of parts.entries()) {
    const isLiteral = index % 2 === 0;
    const end = isLiteral ? part.indexOf(')') : -1;
    name += isLiteral ? interpolated(end < 0 ? part : part.slice(0, end), text) : valueOfExpression(part, text, 0);
    if (end >= 0) return name.replace(/^'|'$/g, '');
  }
  return undefined;
}

function interpolated(literal: string, text: string): string {
  return literal.replace(/\{\{-?([^{}]{1,200}?)-?\}\}/g, (_, expression: string) =>
    valueOfExpression(expression, text, 0),
  );
}

const MAX_DEPTH = 8;

/** The value of an expression of the template language as far as it is made of names, strings and `+`. */
function valueOfExpression(expression: string, text: string, depth: number): string {
  return expression
    .split('+')
    .map((term) => termOf(term.trim(), text, depth))
    .join('');
}

function termOf(term: string, text: string, depth: number): string {
  if (term === '') return '';
  const literal = /^"([^"]*)"$/.exec(term);
  if (literal) return literal[1] ?? '';
  const name = /^(?:tostring\(\s*)?(\w+)\s*\)?(?:\s*\|[^+]*)?$/.exec(term)?.[1];
  if (name === undefined) return '<?>';
  if (/^(?:svcName|serviceName|svc|service)$/.test(name)) return '<svc>';
  if (/^(?:ns|namespace|svcNamespace)$/.test(name)) return '<ns>';
  if (depth >= MAX_DEPTH) return '<?>';
  const definition = new RegExp(`\\bvar\\s+${name}\\s*=\\s*([^%]{1,400}?)\\s*-?%\\}`).exec(text)?.[1];
  if (definition === undefined) return '<?>';
  if (/"metadata"\s*,\s*"namespace"/.test(definition)) return '<ns>';
  return valueOfExpression(definition, text, depth + 1);
}
