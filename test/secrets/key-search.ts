import { isUtf8 } from 'node:buffer';
import { createPrivateKey } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { WindowSearch } from '../redact/window-search.ts';

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/** Looks for the private numbers of keys; their public halves are in certificates, where they belong. */
export class KeySearch {
  readonly #windows = new WindowSearch();
  readonly #known = new Set<string>();

  /** Adds private keys, PEM; those that it has already cost nothing. */
  add(pems: Iterable<string>): void {
    for (const pem of pems) {
      if (this.#known.has(pem)) continue;
      const number = this.#known.size;
      this.#known.add(pem);
      for (const needle of needlesOf(pem)) this.#windows.add(needle, number);
    }
  }

  /** Numbers of the keys of which something stands in what was written: text, or gzip or zstd of text. */
  find(written: string | Uint8Array): readonly number[] {
    const text = typeof written === 'string' ? written : unpack(written);
    return this.#windows.find(text.replaceAll(/\\[nrt]|[\s:"'|]/g, ''));
  }
}

function unpack(bytes: Uint8Array): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return unpack(gunzipSync(bytes));
  if (bytes[0] === 0x28 && bytes[1] === 0xb5) return unpack(zstdDecompressSync(bytes));
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  // Raw DER is bytes: they are found as hexadecimal digits, beside what text there is.
  return `${new TextDecoder('latin1').decode(bytes)}\n${Buffer.from(bytes).toString('hex')}`;
}

/** The ways in which the private numbers of a key can be written. */
function needlesOf(pem: string): readonly string[] {
  const key = createPrivateKey(pem);
  const jwk = key.export({ format: 'jwk' });
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return PRIVATE_MEMBERS.flatMap((member) => {
    const value = jwk[member];
    if (typeof value !== 'string') return [];
    const bytes = Buffer.from(value, 'base64url');
    const hex = bytes.toString('hex');
    const base64 = [0, 1, 2].map((shift) => inBase64(bytes, shift));
    return [
      hex,
      hex.toUpperCase(),
      ...base64,
      ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
      ...inPemOfPem(der, bytes),
    ];
  });
}

/** Base64 of bytes that stand `shift` bytes behind a multiple of three, without what depends on their neighbours. */
function inBase64(bytes: Buffer, shift: number): string {
  const from = (3 - shift) % 3;
  const to = bytes.length - ((bytes.length - from) % 3);
  return bytes.subarray(from, to).toString('base64');
}

/** A Secret holds the base64 of a PEM, which is base64 of its own. */
function inPemOfPem(der: Buffer, number: Buffer): readonly string[] {
  const at = der.indexOf(number);
  if (at < 0) return [];
  const lines = (index: number) => index + Math.floor(index / 64);
  const body = der.toString('base64').replaceAll(/.{64}/g, '$&\n');
  const part = Buffer.from(body.slice(lines(Math.ceil(at / 3) * 4), lines(Math.floor((at + number.length) / 3) * 4)));
  return [0, 1, 2].map((shift) => inBase64(part, shift));
}
