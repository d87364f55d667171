import { gunzipSync, gzipSync } from 'node:zlib';
import { CannotRun } from '../../doctor/cannot-run.ts';
import { isObject, type Json, textAt } from '../../evidence/json.ts';
import { maskSecrets } from '../../evidence/redact/key-material.ts';
import { API_VERSION, type Snapshot } from '../../evidence/snapshot.ts';
import { snapshotShape } from '../../evidence/snapshot-file/snapshot-shape.ts';
import { Invalid } from '../../evidence/snapshot-file/validate.ts';

/** A snapshot of a thousand pods is about 30 MiB. */
const MAX_UNPACKED = 256 * 1024 * 1024;

/** The snapshot file: JSON, compressed with gzip. */
export function writeSnapshot(snapshot: Snapshot): Uint8Array {
  return gzipSync(JSON.stringify(snapshot), { level: 9 });
}

/**
 * Reads a snapshot file, compressed or not. The file may come from anybody: every field is checked. Throws `CannotRun`
 * with one line that begins with `name`.
 */
export function readSnapshot(bytes: Uint8Array, name: string): Snapshot {
  if (bytes.length === 0) throw new CannotRun(`${name} is empty`);
  const document = parse(unpack(bytes, name), name);
  checkHead(document, name);
  try {
    return snapshotShape(document, '');
  } catch (error) {
    if (error instanceof Invalid)
      throw new CannotRun(`${name} is not a valid snapshot: ${oneLine(error.message)}`, { cause: error });
    throw error;
  }
}

function unpack(bytes: Uint8Array, name: string): string {
  let unpacked = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      unpacked = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
    } catch (error) {
      throw new CannotRun(`${name} ${whyNotUnpacked(error)}`, { cause: error });
    }
  }
  if (unpacked.length > MAX_UNPACKED) throw new CannotRun(`${name} ${TOO_LARGE}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(unpacked);
  } catch (error) {
    throw new CannotRun(`${name} is not a snapshot: it holds neither gzip nor JSON`, { cause: error });
  }
}

const TOO_LARGE = `is larger than ${MAX_UNPACKED / 1024 / 1024} MiB, which no snapshot is`;

function whyNotUnpacked(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE;
  if (code === 'Z_BUF_ERROR') return 'is cut off; copy it again, or collect again';
  return 'is damaged (not readable as gzip); copy it again in binary mode, or collect again';
}

function parse(text: string, name: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const isCut = error instanceof SyntaxError && /end of JSON|Unterminated/i.test(error.message);
    const why = isCut
      ? 'is cut off in the middle of its JSON'
      : 'is not a snapshot: it holds neither gzip nor JSON (manifests are read with -f)';
    throw new CannotRun(`${name} ${why}`, { cause: error });
  }
}

function checkHead(document: Json, name: string): void {
  const { apiVersion, kind } = isObject(document) ? document : {};
  if (textAt(kind) !== 'Snapshot') {
    const what =
      textAt(kind) === 'DoctorReport'
        ? 'a report, not a snapshot; snapshots are written by `collect`'
        : 'not a snapshot (manifests are read with -f)';
    throw new CannotRun(`${name} is ${what}`);
  }
  if (apiVersion === API_VERSION) return;
  const version = oneLine(maskSecrets((textAt(apiVersion) ?? 'none').slice(0, 200)).text).slice(0, 60);
  throw new CannotRun(
    `${name} is a snapshot of another version (${version}; this doctor reads ${API_VERSION}): use the release that wrote it, or collect again`,
  );
}

function oneLine(text: string): string {
  return text.replace(/\p{C}/gu, '?').slice(0, 200);
}
