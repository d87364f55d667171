import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfig, Setting } from '../../src/evidence/facts/helpers.ts';
import { TEMPLATE_TEXT } from '../../src/evidence/helper-config/as-meant.ts';
import { meantKey } from '../../src/evidence/helper-config/meant-key.ts';
import { dropKeys, renameKey, verified } from '../../src/evidence/helper-config/rewrite.ts';
import { HEALTH_CHECK_KEYS } from '../../src/evidence/helper-config/schema.ts';
import { runningTextFix, textFix } from './fix.ts';
import { withPlainValue } from './plain-values.ts';
import { runningPhase, type SourcedScene, textFinding } from './scene.ts';
import { isMasked, withKnownValue } from './unknown-key.ts';

export function unknownHealthKeys(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  return config.healthCheckKeys
    .filter((key) => !HEALTH_CHECK_KEYS.includes(key.value.toLowerCase()))
    .map((key) => {
      const finding = textFinding(scene, 'unknown-health-key', key, { name: key.value });
      const meant = meantKey(key.value, HEALTH_CHECK_KEYS);
      const renamed = (to: string) =>
        isMasked(scene.source.text, key.line)
          ? withKnownValue(scene, key.line, to)
          : renameKey(scene.source.text, key.line, key.value, to);
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
    const left = TEMPLATE_TEXT.exec(setting?.value ?? '')?.[0];
    if (!setting || left === undefined) return [];
    const finding = textFinding(scene, 'template-text', setting, { value: setting.value.slice(0, 120) });
    const key = /^\s*"?([\w.-]+)"?\s*=/.exec(scene.source.text.split('\n')[setting.line - 1] ?? '')?.[1];
    const fresh = key === undefined ? undefined : withPlainValue(scene, setting.line, key);
    return [
      {
        ...finding,
        // Where nothing is found the helper cannot work; a hint may well look like that.
        severity: setting === hint ? 'warn' : 'fail',
        phase: runningPhase(scene),
        fix: runningTextFix(scene, 'Write the value itself where the template stands.', fresh),
      },
    ];
  });
}
