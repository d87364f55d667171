import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfig, UnknownKey } from '../../src/evidence/facts/helpers.ts';
import { meantKey } from '../../src/evidence/helper-config/meant-key.ts';
import { parseHelperConfig } from '../../src/evidence/helper-config/parse.ts';
import {
  dropKeys,
  type Rewritten,
  renameKey,
  setHealthCheck,
  verified,
} from '../../src/evidence/helper-config/rewrite.ts';
import { HEALTH_CHECK_KEYS, RELEASES, TOP_LEVEL_KEYS } from '../../src/evidence/helper-config/schema.ts';
import { hasMaskedValues, type TextEdit } from '../../src/evidence/helper-config/text-edit.ts';
import { textFix } from './fix.ts';
import { plainLiteral, withPlainValue } from './plain-values.ts';
import { lackingOf, type SourcedScene, textFinding } from './scene.ts';

const STRICT = RELEASES.filter((release) => release !== '0.8');

/** Keys at the top level that end spiffe-helper, by the release that the image's tag tells. */
export function unknownKeys(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { release } = scene;
  // A build whose tag says nothing and that runs with this very text knows the keys.
  if (release === undefined && scene.survived && scene.view.inEffect === 'yes') return [];
  const whole = withoutAll(scene, config);
  return refusedKeys(scene, config).map((unknown) => {
    const everywhere = isRefusedEverywhere(unknown);
    const releases = release ?? (everywhere ? 'since 0.9' : unknown.rejectedBy.join(' and '));
    const finding = textFinding(scene, 'unknown-key', unknown, { name: unknown.value, releases });
    const severity = release !== undefined || everywhere ? 'fail' : 'warn';
    const { summary, onLine, fresh } = adviceOn(scene, config, unknown);
    return { ...finding, severity, fix: textFix(scene, summary, whole ?? fresh, onLine) };
  });
}

function refusedKeys(scene: SourcedScene, config: HelperConfig): readonly UnknownKey[] {
  const { release } = scene;
  const lacking = lackingOf(scene, config)?.keys ?? [];
  return config.unknownKeys.filter((unknown) => {
    if (lacking.includes(unknown.value.toLowerCase())) return false;
    if (release !== undefined) return unknown.rejectedBy.includes(release);
    // The guide's own file has keys that 0.9 lacks: an image without a telling tag is hardly that old.
    return unknown.rejectedBy.some((one) => one !== '0.9');
  });
}

function isRefusedEverywhere({ rejectedBy }: UnknownKey): boolean {
  return rejectedBy.length === STRICT.length;
}

/** The text without any of the mistakes, each mended in what the one before has left; undefined when one of them cannot be. */
function withoutAll(scene: SourcedScene, config: HelperConfig): Rewritten {
  let { text } = scene.source;
  for (const _key of refusedKeys(scene, config)) {
    const parsed = parseHelperConfig(text, scene.release);
    if (!parsed.ok) return undefined;
    const [next] = refusedKeys(scene, parsed.config);
    if (!next) break;
    const { fresh } = adviceOn({ ...scene, source: { ...scene.source, text } }, parsed.config, next);
    if (fresh === undefined) return undefined;
    text = fresh;
  }
  return text;
}

interface Advice {
  readonly summary: string;
  /** What to change by hand where the text cannot be written back. */
  readonly onLine?: TextEdit;
  readonly fresh: Rewritten;
}

function adviceOn(scene: SourcedScene, { keys }: HelperConfig, unknown: UnknownKey): Advice {
  const { text } = scene.source;
  const name = unknown.value;
  const mended = (summary: string, fresh: Rewritten, onLine?: TextEdit): Advice => ({
    summary,
    fresh: verified(fresh, scene.release, (config) => !refusedKeys(scene, config).some(({ value }) => value === name)),
    ...(onLine ? { onLine } : {}),
  });
  const dropped = dropKeys(text, [name]);
  if (TOP_LEVEL_KEYS.includes(name.toLowerCase()))
    return mended(`Use a release of spiffe-helper that knows ${name}, or leave the setting out.`, dropped);
  const inBlock = name.split('.').at(-1)?.toLowerCase() ?? '';
  if (HEALTH_CHECK_KEYS.includes(inBlock)) {
    const value = /=\s*("[^"]*"|[^\s#]+)/.exec(text.split('\n')[unknown.line - 1] ?? '')?.[1];
    const literal = isMasked(text, unknown.line) ? plainLiteral(scene, inBlock) : value;
    const fresh =
      literal === undefined || dropped === undefined ? undefined : setHealthCheck(dropped, inBlock, literal);
    return mended(`Move ${inBlock} into the block health_checks.`, fresh);
  }
  const meant = meantKey(name, TOP_LEVEL_KEYS);
  const isSet = meant !== undefined && keys.some(({ value }) => value.toLowerCase() === meant);
  if (isSet) return mended(`Leave ${name} out: ${meant} is set as well.`, dropped);
  if (meant === undefined) return mended(`Leave ${name} out: no release from 0.9 on has such a setting.`, dropped);
  const fresh = isMasked(text, unknown.line)
    ? withKnownValue(scene, unknown.line, meant)
    : renameKey(text, unknown.line, name, meant);
  const onLine = { line: unknown.line, before: name, after: meant };
  return mended(`Write ${meant} instead of ${name}.`, fresh, onLine);
}

/** What was left out of an unknown key's value cannot become the value of a known one. */
export function isMasked(text: string, line: number): boolean {
  return hasMaskedValues(text.split('\n')[line - 1] ?? '');
}

/** The value that was left out does not matter where the rest of the pod says what it has to be. */
export function withKnownValue(scene: SourcedScene, line: number, key: string): Rewritten {
  return plainLiteral(scene, key) === undefined ? undefined : withPlainValue(scene, line, key);
}
