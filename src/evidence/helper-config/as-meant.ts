import type { HelperConfig, ParsedHelperConfig, UnknownKey } from '../facts/helpers.ts';
import { meantKey } from './meant-key.ts';
import { parseHelperConfig } from './parse.ts';
import { HEALTH_CHECK_KEYS, OLD_NAMES, type Release, TOP_LEVEL_KEYS } from './schema.ts';
import { hasMaskedValues } from './text-edit.ts';

/** What an empty text says nothing about, though every helper needs it. */
const NEEDED = ['agent_address', 'cert_dir', 'health_checks'];

/**
 * helper.conf as its author meant it, so that one misspelt key is not taken for a second fault where its setting is
 * missed: what stands under a wrong key counts for the key that was meant. `keys` and `unknownKeys` are as written.
 */
export function parseAsMeant(text: string, release?: Release): ParsedHelperConfig {
  const parsed = parseHelperConfig(text, release);
  if (!parsed.ok) return parsed;
  const { config } = parsed;
  if (config.keys.length === 0) return { ok: true, config: { ...config, unsaid: NEEDED } };
  const lines = text.split('\n');
  const unsaid: string[] = [];
  for (const unknown of refused(config, release)) {
    const key = standsFor(unknown.value, config);
    const line = lines[unknown.line - 1];
    if (key === undefined || line === undefined) continue;
    const meant = hasMaskedValues(line) ? undefined : rewritten(line, unknown.value, key);
    if (meant === undefined) unsaid.push(key.block ?? key.name);
    else lines[unknown.line - 1] = meant;
  }
  const fresh = parseHelperConfig(lines.join('\n'), release);
  const { keys, unknownKeys } = config;
  const read = fresh.ok ? fresh.config : config;
  unsaid.push(...templated(read));
  return { ok: true, config: { ...read, keys, unknownKeys, ...(unsaid.length > 0 ? { unsaid } : {}) } };
}

/** Text that a template engine was to fill in, as it stands in a value. */
export const TEMPLATE_TEXT = /\{\{.{0,80}|\$\{.{0,80}/;

/** Places that are named by what nobody has filled in. */
function templated(config: HelperConfig): readonly string[] {
  const places = {
    agent_address: config.agentAddress,
    cert_dir: config.certDir,
    svid_file_name: config.svidFileName,
    svid_key_file_name: config.svidKeyFileName,
    svid_bundle_file_name: config.svidBundleFileName,
  };
  return Object.entries(places).flatMap(([key, setting]) => (TEMPLATE_TEXT.test(setting?.value ?? '') ? [key] : []));
}

/** Before 0.9 the old names count, and what is unknown does not matter. */
function refused({ unknownKeys }: HelperConfig, release: Release | undefined): readonly UnknownKey[] {
  if (release === '0.8') return unknownKeys.filter(({ value }) => OLD_NAMES.has(value));
  return unknownKeys.filter(({ rejectedBy }) => release === undefined || rejectedBy.includes(release));
}

interface Meant {
  readonly name: string;
  /** The block in which the key belongs. */
  readonly block?: 'health_checks';
}

function standsFor(name: string, { keys }: HelperConfig): Meant | undefined {
  if (TOP_LEVEL_KEYS.includes(name.toLowerCase())) return undefined;
  const last = name.split('.').at(-1)?.toLowerCase() ?? '';
  if (HEALTH_CHECK_KEYS.includes(last)) return { name: last, block: 'health_checks' };
  const meant = meantKey(name, TOP_LEVEL_KEYS);
  // What is set under its right name as well was said there.
  return meant === undefined || keys.some(({ value }) => value.toLowerCase() === meant) ? undefined : { name: meant };
}

/** The line with the key that was meant; several blocks of one name are one. */
function rewritten(line: string, written: string, { name, block }: Meant): string | undefined {
  if (block === undefined) return line.includes(written) ? line.replace(written, name) : undefined;
  const value = /=\s*("(?:[^"\\]|\\.)*"|[^\s#{]+)/.exec(line)?.[1];
  return value === undefined ? undefined : `${block} { ${name} = ${value} }`;
}
