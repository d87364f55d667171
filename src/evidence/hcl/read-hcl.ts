import { type ByteText, decodeRune, RUNE_ERROR, textOfBytes } from './byte-text.ts';
import { type DecodedStruct, decodeStruct } from './decode.ts';
import { type Duplicates, parseHcl } from './hcl-parser.ts';
import { parseJson } from './json-parser.ts';
import { type Place, Rejection } from './rejection.ts';
import type { Schema } from './schema.ts';

/** Twice what Kubernetes accepts in a ConfigMap; nobody's configuration is read beyond it. */
const MAX_BYTES = 2 * 1024 * 1024;

export type HclReading =
  | { readonly ok: true; readonly root: DecodedStruct }
  | {
      readonly ok: false;
      /** The whole message as the library gives it. */
      readonly message: string;
      readonly messageBytes: ByteText;
      /** As in the message; where the library names no place, that of the offending token. */
      readonly place: Place;
      /** `panic`: the library kills the process instead of returning an error. */
      readonly how: 'error' | 'panic';
    };

/**
 * Reads a configuration as `hcl.Decode` of github.com/hashicorp/hcl v1.0.1-vault-7 does: a text whose first character
 * other than white space is `{` as JSON, anything else as HCL. Accepts and rejects the same texts, but for two bounds:
 * nesting beyond 1,000 levels and texts beyond 2 MiB, which the library attempts, are rejected.
 */
export function readHcl(bytes: ByteText, schema: Schema, options: { duplicates?: Duplicates } = {}): HclReading {
  try {
    if (bytes.length > MAX_BYTES) throw new Rejection('the text is larger than a ConfigMap can be', undefined);
    const tree = looksLikeJson(bytes) ? parseJson(bytes) : parseHcl(bytes, options.duplicates);
    return { ok: true, root: decodeStruct('root', tree, schema) };
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    const place = cause.place ?? { line: 1, column: 1 };
    return { ok: false, message: textOfBytes(cause.bytes), messageBytes: cause.bytes, place, how: cause.how };
  }
}

const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

function looksLikeJson(bytes: ByteText): boolean {
  for (let offset = 0; ; ) {
    const { rune, size } = decodeRune(bytes, offset);
    if (rune === 0x7b) return true;
    if (rune === RUNE_ERROR || rune > 0xffff || !SPACE.test(String.fromCharCode(rune))) return false;
    offset += size;
  }
}
