import { appendFileSync } from 'node:fs';
import { env } from 'node:process';

const keys: string[] = [];

/**
 * Records a private key that a test minted, so that everything the suite wrote can be searched for it. When
 * HAPTIC_SPIRE_KEY_LOG names a file, the key is appended there for searches by another process.
 */
export function rememberKey(pem: string): void {
  keys.push(pem);
  if (env.HAPTIC_SPIRE_KEY_LOG) appendFileSync(env.HAPTIC_SPIRE_KEY_LOG, pem);
}

/** Every private key that this process has minted, PEM. */
export function mintedKeys(): readonly string[] {
  return keys;
}
