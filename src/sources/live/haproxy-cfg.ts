import { zstdDecompressSync } from 'node:zlib';
import { isObject, type JsonObject, textAt } from '../../evidence/json.ts';
import { maskSecrets } from '../../evidence/redact/key-material.ts';
import { nameOf, namespaceOf } from '../../evidence/world.ts';
import { shown } from './shown.ts';

/** A rendered haproxy.cfg of this size serves tens of thousands of backends. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * The HAProxyCfg with its content as text: HAPTIC publishes large ones as base64 of zstd. What cannot be unpacked is
 * left packed, and `problem` says so.
 */
export function unpackHaproxyCfg(object: JsonObject): { readonly object: JsonObject; readonly problem?: string } {
  const { spec } = object;
  if (object.kind !== 'HAProxyCfg' || !isObject(spec) || spec.compressed !== true) return { object };
  try {
    const packed = Buffer.from(textAt(spec.content) ?? '', 'base64');
    const content = zstdDecompressSync(packed, { maxOutputLength: MAX_BYTES }).toString('utf8');
    return { object: { ...object, spec: { ...spec, content, compressed: false } } };
  } catch {
    const name = shown(maskSecrets(`${namespaceOf(object) ?? ''}/${nameOf(object)}`).text);
    return { object, problem: `the configuration in HAProxyCfg ${name} could not be unpacked` };
  }
}
