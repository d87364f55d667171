import { CannotRun } from '../../doctor/cannot-run.ts';
import type { ManifestFile } from './io.ts';

/** The text of a manifest file; undefined for an empty one that nobody named. */
export function decodeManifest({ name, bytes, named }: ManifestFile): string | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new CannotRun(`${name} is compressed; give YAML or JSON, or, if \`collect\` wrote it, use --snapshot`);
  }
  const zero = bytes.subarray(0, 65_536).indexOf(0);
  if (zero >= 0) throw new CannotRun(`${name} is not a text file (byte ${zero + 1} is 0); give YAML or JSON manifests`);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new CannotRun(`${name} is not UTF-8 text; give YAML or JSON manifests`);
  if (text.trim() !== '') return text;
  if (!named) return undefined;
  const why = name === 'standard input' ? 'is empty; did the command before the pipe fail?' : 'is empty';
  throw new CannotRun(`${name} ${why}`);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
