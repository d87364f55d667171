import { cannotTell, defineCheck, type Finding, type Judged, unseenOf } from '../../src/doctor/check.ts';
import { type Unknown, unknown } from '../../src/evidence/reading.ts';
import { combine } from './combine.ts';
import { templateText, unknownHealthKeys } from './key-findings.ts';
import { listenerFindings } from './listener-findings.ts';
import { messages } from './messages.ts';
import { changedSinceStart, daemonFindings, flagFindings, leftovers } from './process-findings.ts';
import { ruleFindings } from './rule-findings.ts';
import { type HelperScene, lackingOf, type SourcedScene, sceneOf } from './scene.ts';
import { sourceFindings } from './source-findings.ts';
import { syntaxFinding } from './syntax-findings.ts';
import { unknownKeys } from './unknown-key.ts';

export default defineCheck({
  id: 'helper-config-syntax',
  title: 'spiffe-helper understands its configuration and answers where it is asked',
  stage: 'helper',
  guide: 'spiffe-helper config parse error',
  after: [],
  messages,
  subject: 'haproxy-pod',
  needs: ['pod', 'helpers', 'helperConfigs'],
  wants: ['helperLogs', 'renderedConfig', 'spiffeDirectory'],
  applies: ({ helpers }) =>
    helpers.state === 'absent'
      ? { why: 'nothing-uses-it', detail: 'no container of the pod runs spiffe-helper' }
      : undefined,
  judge: ({ pod, helpers, helperConfigs, helperLogs, renderedConfig, spiffeDirectory }, at) => {
    if (pod.state !== 'known' || helpers.state !== 'known' || helperConfigs.state !== 'known') {
      return cannotTell(unknown('no-evidence', 'the pod was not collected'));
    }
    const scenes = helpers.value.flatMap((helper) => {
      const parts = {
        pod: pod.value,
        helper,
        views: helperConfigs.value,
        rendered: renderedConfig,
        directory: spiffeDirectory,
        at,
      };
      const logs = helperLogs.state === 'absent' ? unknown('no-evidence', helperLogs.what) : helperLogs;
      return sceneOf({ ...parts, logs }) ?? [];
    });
    const judged = scenes.map(judgeHelper);
    const ignorance = judged.map((one) => one.cannotTell).find((reading) => reading !== undefined);
    const observed = scenes.every(({ survived, view }) => survived && view.inEffect === 'yes');
    const listens = scenes.some(({ helper }) => helper.container.place !== 'init');
    return {
      findings: judged.flatMap(({ findings }) => findings),
      basis: observed ? 'observed' : 'declared',
      ...(ignorance ? { cannotTell: ignorance } : {}),
      unseen: [
        ...(listens ? unseenOf("HAProxy's own ports", renderedConfig) : []),
        ...(pod.value.from === 'pod' ? unseenOf('log of spiffe-helper', helperLogs) : []),
      ],
    };
  },
});

function judgeHelper(scene: HelperScene): Judged {
  const { source, parsed } = scene.view;
  const flags = flagFindings(scene);
  if (source.state === 'unknown') return { findings: flags, cannotTell: source };
  if (source.state === 'absent') return missing(scene, [...flags, ...sourceFindings(scene, source)], source.what);
  if (parsed.state !== 'known') return { findings: flags };
  const sourced: SourcedScene = { ...scene, source: source.value };
  const found = parsed.value.ok
    ? combine(sourced, configFindings(sourced, parsed.value.config))
    : [syntaxFinding(sourced, parsed.value)];
  const findings = [...flags, ...found, ...changedSinceStart(sourced, found)];
  const lacking = parsed.value.ok ? lackingOf(scene, parsed.value.config) : undefined;
  if (!lacking) return { findings };
  const detail = `spiffe-helper ${scene.release} in container ${scene.view.helper} is too old for ${lacking.keys.join(' and ')}: see helper-image-tag; whether it answers where it is asked shows with a newer release`;
  return { findings, cannotTell: unknown('not-running', detail) };
}

/** A file that isn't seen but was read is unknown, not fine. */
function missing(scene: HelperScene, findings: readonly Finding[], what: string): Judged {
  const ignorance: Unknown = unknown(
    'no-evidence',
    `${what} was not found, yet container ${scene.view.helper} runs: its configuration is part of the image`,
  );
  return findings.length > 0 ? { findings } : { findings, cannotTell: ignorance };
}

function configFindings(scene: SourcedScene, config: Parameters<typeof ruleFindings>[1]): readonly Finding[] {
  return [
    ...unknownKeys(scene, config),
    ...unknownHealthKeys(scene, config),
    ...templateText(scene, config),
    ...ruleFindings(scene, config),
    ...daemonFindings(scene, config),
    ...listenerFindings(scene, config),
    ...leftovers(scene, config),
  ];
}
