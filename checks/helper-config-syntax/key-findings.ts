import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfig, Setting, UnknownKey } from '../../src/evidence/facts/helpers.ts';
import { meantKey } from '../../src/evidence/helper-config/meant-key.ts';
import { dropKeys, renameKey, setHealthCheck, verified } from '../../src/evidence/helper-config/rewrite.ts';
import { HEALTH_CHECK_KEYS, RELEASES, TOP_LEVEL_KEYS } from '../../src/evidence/helper-config/schema.ts';
import { hasMaskedValues } from '../../src/evidence/helper-config/text-edit.ts';
import { runningTextFix, textFix } from './fix.ts';
import { lackingOf, runningPhase, type SourcedScene, textFinding } from './scene.ts';

const STRICT = RELEASES.filter((release) => release !== '0.8');

/** Keys at the top level that end spiffe-helper, by the release that the image's tag tells. */
export function unknownKeys(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { release } = scene;
  // A build whose tag says nothing and that runs with this very text knows the keys.
  if (release === undefined && scene.survived && scene.view.inEffect === 'yes') return [];
  const lacking = lackingOf(scene, config)?.keys ?? [];
  return config.unknownKeys.flatMap((unknown) => {
    if (lacking.includes(unknown.value.toLowerCase())) return [];
    if (release !== undefined && !unknown.rejectedBy.includes(release)) return [];
    // The guide's own file has keys that 0.9 lacks: an image without a telling tag is hardly that old.
    if (release === undefined && unknown.rejectedBy.every((one) => one === '0.9')) return [];
    const everywhere = unknown.rejectedBy.length === STRICT.length;
    const releases = release ?? (everywhere ? 'since 0.9' : unknown.rejectedBy.join(' and '));
    const finding = textFinding(scene, 'unknown-key', unknown, { name: unknown.value, releases });
    const severity = release !== undefined || everywhere ? 'fail' : 'warn';
    return [{ ...finding, severity, fix: fixKey(scene, unknown) }];
  });
}

function fixKey(scene: SourcedScene, unknown: UnknownKey) {
  const { text } = scene.source;
  const name = unknown.value;
  const known = TOP_LEVEL_KEYS.includes(name.toLowerCase());
  const gone = (fresh: string | undefined) =>
    verified(
      fresh,
      scene.release,
      (config) => !config.unknownKeys.some((key) => key.value === name && isRefused(scene, key)),
    );
  if (known) {
    const summary = `Use a release of spiffe-helper that knows ${name}, or leave the setting out.`;
    return textFix(scene, summary, gone(dropKeys(text, [name])));
  }
  const inBlock = name.split('.').at(-1)?.toLowerCase() ?? '';
  if (HEALTH_CHECK_KEYS.includes(inBlock)) {
    const value = /=\s*("[^"]*"|[^\s#]+)/.exec(text.split('\n')[unknown.line - 1] ?? '')?.[1];
    const rest = dropKeys(text, [name]);
    const fresh =
      value === undefined || rest === undefined || isMasked(text, unknown.line)
        ? undefined
        : setHealthCheck(rest, inBlock, value);
    return textFix(scene, `Move ${inBlock} into the block health_checks.`, gone(fresh));
  }
  const meant = meantKey(name, TOP_LEVEL_KEYS);
  if (meant) {
    const onLine = { line: unknown.line, before: name, after: meant };
    return textFix(
      scene,
      `Write ${meant} instead of ${name}.`,
      gone(isMasked(text, unknown.line) ? undefined : renameKey(text, unknown.line, name, meant)),
      onLine,
    );
  }
  return textFix(scene, `Leave ${name} out: no release from 0.9 on has such a setting.`, gone(dropKeys(text, [name])));
}

/** What was left out of an unknown key's value cannot become the value of a known one. */
function isMasked(text: string, line: number): boolean {
  return hasMaskedValues(text.split('\n')[line - 1] ?? '');
}

function isRefused({ release }: SourcedScene, key: UnknownKey): boolean {
  return release === undefined || key.rejectedBy.includes(release);
}

export function unknownHealthKeys(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  return config.healthCheckKeys
    .filter((key) => !HEALTH_CHECK_KEYS.includes(key.value.toLowerCase()))
    .map((key) => {
      const finding = textFinding(scene, 'unknown-health-key', key, { name: key.value });
      const meant = meantKey(key.value, HEALTH_CHECK_KEYS);
      const renamed = (to: string) =>
        isMasked(scene.source.text, key.line) ? undefined : renameKey(scene.source.text, key.line, key.value, to);
      const fresh = meant ? renamed(meant) : dropKeys(scene.source.text, [key.value]);
      const summary = meant ? `Write ${meant} instead of ${key.value}.` : `Leave ${key.value} out: it does nothing.`;
      const good = verified(
        fresh,
        scene.release,
        ({ healthCheckKeys }) => !healthCheckKeys.some(({ value }) => value === key.value),
      );
      return {
        ...finding,
        phase: runningPhase(scene),
        fix: meant
          ? runningTextFix(scene, summary, good, { line: key.line, before: key.value, after: meant })
          : textFix(scene, summary, good),
      };
    });
}

/** Template text in values that name places; elsewhere it may be meant. */
export function templateText(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { agentAddress, certDir, svidFileName, svidKeyFileName, svidBundleFileName, hint } = config;
  const settings: readonly (Setting<string> | undefined)[] = [
    agentAddress,
    certDir,
    svidFileName,
    svidKeyFileName,
    svidBundleFileName,
    hint,
  ];
  return settings.flatMap((setting) => {
    const left = /\{\{.{0,80}|\$\{.{0,80}/.exec(setting?.value ?? '')?.[0];
    if (!setting || left === undefined) return [];
    const finding = textFinding(scene, 'template-text', setting, { value: setting.value.slice(0, 120) });
    return [
      {
        ...finding,
        phase: runningPhase(scene),
        fix: textFix(scene, 'Write the value itself where the template stands.', undefined),
      },
    ];
  });
}
