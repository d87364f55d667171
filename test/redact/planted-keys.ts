import { generateKeyPairSync } from 'node:crypto';
import { rememberKey } from '../scenario/minted-keys.ts';
import { WindowSearch } from './window-search.ts';

/** A key and the ways in which people put keys into places where none belongs. */
export interface PlantedKey {
  readonly pem: string;
  readonly base64: string;
  readonly hex: string;
  readonly forms: Readonly<Record<string, string>>;
}

export function plantKey(type: 'ec' | 'rsa'): PlantedKey {
  const { privateKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  rememberKey(pem);
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const base64 = der.toString('base64');
  const hex = der.toString('hex');
  const lines = pem.trim().split('\n');
  return {
    pem,
    base64,
    hex,
    forms: {
      whole: pem,
      'without END': lines.slice(0, -1).join('\n'),
      'without BEGIN': lines.slice(1).join('\n'),
      'without armour': lines.slice(1, -1).join('\n'),
      indented: lines.map((line) => `      ${line}`).join('\n'),
      crlf: lines.join('\r\n'),
      'lower-case label': pem.replaceAll('PRIVATE KEY', 'private key'),
      'wrapped at 76': base64.match(/.{1,76}/g)?.join('\n') ?? '',
      'on one line': base64,
      'armour on one line': `-----BEGIN PRIVATE KEY-----${base64}-----END PRIVATE KEY-----`,
      'escaped line breaks': pem.replaceAll('\n', '\\n'),
      'base64 of the PEM': Buffer.from(pem).toString('base64'),
      base64url: der.toString('base64url'),
      hex,
      'upper-case hex': hex.toUpperCase(),
      'colon-separated hex': hex.match(/../g)?.join(':') ?? '',
    },
  };
}

const searches = new WeakMap<PlantedKey, WindowSearch>();

/** True when any 27 characters in a row of the key are in the text, however it is wrapped. */
export function leaks(text: string, key: PlantedKey): boolean {
  const search = searches.get(key) ?? searchFor(key);
  searches.set(key, search);
  return search.find(text.replaceAll(/\\[nrt]|[\s:"]/g, '')).length > 0;
}

function searchFor({ base64, hex, pem }: PlantedKey): WindowSearch {
  const search = new WindowSearch();
  // The first bytes of a PKCS#8 key say which kind of key it is and are the same for all.
  for (const secret of [
    base64.slice(48),
    hex.slice(72),
    Buffer.from(pem).toString('base64').slice(110),
    base64.slice(48).replaceAll('+', '-').replaceAll('/', '_'),
  ]) {
    search.add(secret, 0);
    search.add(secret.toUpperCase(), 0);
  }
  return search;
}
