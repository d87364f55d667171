/** A piece of a PEM text, cut where OpenSSL cuts it. */
export type PemFrame =
  /** A run of lines outside any block, not all blank. */
  | { readonly kind: 'text'; readonly line: number; readonly lines: readonly string[] }
  | {
      readonly kind: 'block';
      readonly label: string;
      readonly line: number;
      /** Lines of the RFC 1421 header (`Proc-Type: 4,ENCRYPTED`). */
      readonly header: readonly string[];
      readonly body: PemBody;
    };

export type PemBody =
  | { readonly ok: true; readonly der: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly because: 'bad end line' | 'bad base64 decode' | 'not proc type' };

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/** The only header that OpenSSL takes. */
export const ENCRYPTED = /^Proc-Type: *4, *ENCRYPTED/;

/**
 * Cuts a text as OpenSSL's PEM reader does (crypto/pem/pem_lib.c): a label line begins in the first column and ends in
 * five dashes, white space at the end of a line is nothing, and a block without its END line takes the rest of the text.
 * The frames hold everything that the text held: they must not leave the code that reduces them.
 */
export function cutPem(text: string): readonly PemFrame[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trimEnd());
  const frames: PemFrame[] = [];
  let at = 0;
  let outside: { line: number; lines: string[] } | undefined;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const label = labelOf(line);
    if (label === undefined) {
      if (line !== '') {
        outside ??= { line: at + 1, lines: [] };
        outside.lines.push(line);
      }
      at += 1;
      continue;
    }
    if (outside) frames.push({ kind: 'text', ...outside });
    outside = undefined;
    const block = readBlock(lines, at, label);
    frames.push(block.frame);
    at = block.next;
  }
  if (outside) frames.push({ kind: 'text', ...outside });
  return frames;
}

function labelOf(line: string): string | undefined {
  if (!line.startsWith(BEGIN) || !line.endsWith(DASHES)) return undefined;
  return line.slice(BEGIN.length, Math.max(BEGIN.length, line.length - DASHES.length));
}

function readBlock(lines: readonly string[], begin: number, label: string): { frame: PemFrame; next: number } {
  let end = begin + 1;
  while (end < lines.length && !lines[end]?.startsWith(END)) end += 1;
  const inside = lines.slice(begin + 1, end);
  // The first blank line ends a header, whether or not it looks like one.
  const blank = inside.indexOf('');
  const header = blank < 0 ? [] : inside.slice(0, blank);
  const body = lines[end] === `${END}${label}${DASHES}` ? bodyOf(header, inside.slice(blank + 1), blank >= 0) : BAD_END;
  return { frame: { kind: 'block', label, line: begin + 1, header, body }, next: end + 1 };
}

const BAD_END: PemBody = { ok: false, because: 'bad end line' };

function bodyOf(header: readonly string[], data: readonly string[], afterBlank: boolean): PemBody {
  if (afterBlank && (data.includes('') || isRagged(data))) return BAD_END;
  // OpenSSL's key decoder looks at no header that is too short for `Proc-Type:`.
  const length = header.reduce((sum, line) => sum + line.length + 1, 0);
  if (length > 10 && !header.some((line) => ENCRYPTED.test(line))) return { ok: false, because: 'not proc type' };
  // Without a blank line, a colon makes a header of everything.
  if (!afterBlank && data.some((line) => line.includes(':'))) return { ok: false, because: 'bad base64 decode' };
  return decode(data);
}

/** After a header, every line but the last has 64 characters. */
function isRagged(data: readonly string[]): boolean {
  return data.some((line, at) => line.length > 64 || (line.length < 64 && at < data.length - 1));
}

function decode(data: readonly string[]): PemBody {
  // A dash ends the data for OpenSSL's decoder, so that a second BEGIN line just before the END line changes nothing.
  const [base64 = ''] = data
    .map((line) => line.trim())
    .join('')
    .split('-', 1);
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    return { ok: false, because: 'bad base64 decode' };
  }
  return { ok: true, der: Uint8Array.from(Buffer.from(base64, 'base64')) };
}
