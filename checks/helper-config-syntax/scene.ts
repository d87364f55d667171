import type { Finding, Moment, Phase } from '../../src/doctor/check.ts';
import type { HelperLogView } from '../../src/evidence/facts/helper-log.ts';
import type { ConfigSource, HelperConfig, HelperConfigView, HelperView } from '../../src/evidence/facts/helpers.ts';
import type { RenderedConfig } from '../../src/evidence/facts/rendered-config.ts';
import type { SpiffeDirectoryPlan } from '../../src/evidence/facts/spiffe-directory.ts';
import { type Lacking, lackingIn } from '../../src/evidence/helper-config/lacking.ts';
import { releaseOf } from '../../src/evidence/helper-config/release.ts';
import type { Release } from '../../src/evidence/helper-config/schema.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type Origin, type Reading, valueOr } from '../../src/evidence/reading.ts';

/** A configuration that spiffe-helper refuses ends it within milliseconds. */
const SURVIVED_MS = 10_000;

/** One helper of the pod with everything that is known about its configuration. */
export interface HelperScene {
  readonly pod: PodView;
  readonly helper: HelperView;
  readonly view: HelperConfigView;
  readonly release: Release | undefined;
  /** Other helpers of the pod. */
  readonly others: readonly HelperConfigView[];
  readonly log: Reading<HelperLogView | undefined>;
  readonly rendered: Reading<RenderedConfig>;
  /** Where HAProxy reads what the helper is to write. */
  readonly directory: Reading<SpiffeDirectoryPlan>;
  readonly at: Moment;
  /** True when the running process got past reading its configuration. */
  readonly survived: boolean;
}

export type SourcedScene = HelperScene & { readonly source: ConfigSource };

/** What the release is too old for is mended with the image, which is another check's business. */
export function lackingOf({ release, helper }: HelperScene, config: HelperConfig): Lacking | undefined {
  return lackingIn(release, config, helper.container);
}

export function sceneOf(
  parts: Pick<HelperScene, 'pod' | 'helper' | 'rendered' | 'directory' | 'at'> & {
    readonly views: readonly HelperConfigView[];
    readonly logs: Reading<readonly HelperLogView[]>;
  },
): HelperScene | undefined {
  const { pod, helper, views, logs, rendered, directory, at } = parts;
  const { name, status } = helper.container;
  const view = views.find((candidate) => candidate.helper === name);
  if (!view) return undefined;
  const state = status?.state;
  return {
    pod,
    helper,
    view,
    release: helper.version && releaseOf(helper.version),
    others: views.filter((other) => other !== view),
    log: logs.state === 'known' ? { ...logs, value: logs.value.find((log) => log.helper === name) } : logs,
    rendered,
    directory,
    at,
    survived: pod.from === 'pod' && state?.now === 'running' && at.now - state.startedAt >= SURVIVED_MS,
  };
}

/** Of what stops spiffe-helper at its start: a process that runs read something else, or would not run. */
export function fatalPhase(scene: HelperScene): Phase {
  return scene.survived || scene.view.inEffect === 'no' ? 'latent' : 'active';
}

/** Of what matters while it runs. */
export function runningPhase(scene: HelperScene): Phase {
  return scene.view.inEffect === 'no' ? 'latent' : 'active';
}

/** `ConfigMap ns/name, data["helper.conf"]` with the line of the text, or of the manifest. */
function lineOrigin({ source }: SourcedScene, line: number): Origin {
  const { origin } = source;
  return { ...origin, line: origin.line === undefined ? line : origin.line + line - 1 };
}

/** A finding about a line of the text. */
export function textFinding(
  scene: SourcedScene,
  message: string,
  at: { readonly line: number; readonly column: number },
  data: Finding['data'] = {},
): Finding {
  const written = scene.source.text.split('\n')[at.line - 1]?.trim().slice(0, 200);
  return {
    message,
    data: { helper: scene.view.helper, key: scene.source.key, line: at.line, column: at.column, ...data },
    culprit: scene.source.configMap,
    evidence: [{ from: lineOrigin(scene, at.line), ...(written ? { excerpt: written } : {}) }, ...logEvidence(scene)],
    phase: fatalPhase(scene),
  };
}

/** What the helper itself said about its configuration, if it is its last word. */
function logEvidence({ log }: HelperScene): Finding['evidence'] {
  const error = valueOr(log, undefined)?.lastError;
  if (log.state !== 'known' || !error || !/failed to parse|invalid configuration/.test(error.text)) return [];
  return [{ from: log.from, excerpt: error.text.slice(0, 300) }];
}
