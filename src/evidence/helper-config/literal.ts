import { BOOLEAN_KEYS } from './schema.ts';

const YES = /^(?:true|yes|on|y|1)$/i;
const NO = /^(?:false|no|off|n|0)$/i;

/** A value as somebody wrote it, turned into the literal that spiffe-helper takes for this key; comments are kept. */
export function literalFor(key: string, written: string): string {
  const { value, comment } = splitComment(written.trim());
  const bare = value.replace(/[,;]\s*$/, '').trim();
  const inner = /^(['"])([\s\S]*)\1$/.exec(bare)?.[2] ?? bare.replace(/^['"]|['"]$/g, '');
  return `${literal(key.toLowerCase(), bare, inner)}${comment === '' ? '' : ` ${comment}`}`;
}

function literal(key: string, bare: string, inner: string): string {
  if (BOOLEAN_KEYS.includes(key)) {
    if (YES.test(inner)) return 'true';
    return NO.test(inner) ? 'false' : quoted(inner);
  }
  if (/^[[{]/.test(bare)) return bare;
  if (/^-?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(bare)) return bare;
  if (/^"(?:[^"\\]|\\.)*"$/.test(bare)) return bare;
  return quoted(inner);
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Splits at the first `#`, `//` or `;` after white space that stands outside quotes; a `;` becomes a `#`. */
function splitComment(text: string): { value: string; comment: string } {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (/^\s(?:#|\/\/|;)/.test(text.slice(at, at + 3))) {
      return { value: text.slice(0, at), comment: text.slice(at).trim().replace(/^;+/, '#') };
    }
  }
  return { value: text, comment: '' };
}
