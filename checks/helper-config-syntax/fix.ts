import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import {
  editBetween,
  hasMaskedValues,
  type TextEdit,
  withoutMaskedComments,
} from '../../src/evidence/helper-config/text-edit.ts';
import {
  changeConfigMap,
  changeTemplate,
  containerPatch,
  hasTemplate,
  restartOf,
} from '../../src/evidence/workload-change.ts';
import type { HelperScene, SourcedScene } from './scene.ts';

/** Of every restart: what runs lives on what it has. */
export const SPIRE_ISSUES = 'SPIRE issues SVIDs: new pods have none of their own to go on with';

const DURABLE = 'helper.conf where the ConfigMap is declared (with the HAPTIC chart: extraDeploy in its values)';
const UNCLEAR = 'what the text should say is not plain from what it says';
const MASKED =
  'helper.conf holds values that are not kept here, so that it cannot be written back whole; edit it by hand';

/**
 * Replaces the text of helper.conf: an edit of the file, or a patch of the ConfigMap. Without a new text, `partial` says
 * what to change on one line; without either it is left to people. A process that keeps exiting reads the text at its
 * next start anyway; one that runs gets a restart, or it would go on with what it read.
 */
export function textFix(scene: SourcedScene, summary: string, fresh: string | undefined, partial?: TextEdit): Fix {
  const isRunning = scene.helper.container.status?.state?.now === 'running';
  return isRunning ? runningTextFix(scene, summary, fresh, partial) : editFix(scene, summary, fresh, partial);
}

function editFix(scene: SourcedScene, summary: string, fresh: string | undefined, partial?: TextEdit): Fix {
  const { source, at } = scene;
  const change = fresh === undefined ? undefined : editBetween(source.text, fresh);
  const shown = change ? shownEdit(change) : partial;
  if (!shown) return { summary, durable: DURABLE, impact: 'none', manual: UNCLEAR };
  if (at.fromFiles) {
    const line = (source.origin.line ?? 1) + shown.line - 1;
    return {
      summary,
      edit: { ...shown, file: source.origin.file ?? source.key, line },
      durable: DURABLE,
      impact: 'none',
    };
  }
  const { namespace = 'default', name } = source.configMap;
  const edit = { ...shown, file: `ConfigMap ${namespace}/${name}, data["${source.key}"]` };
  if (fresh === undefined || hasMaskedValues(fresh)) {
    const manual = hasMaskedValues(fresh ?? source.text) ? MASKED : UNCLEAR;
    return { summary, edit, durable: DURABLE, impact: 'none', manual };
  }
  const text = withoutMaskedComments(fresh);
  const lost = text === fresh ? [] : ['comments in helper.conf may go: the patch sets the text without them'];
  return {
    summary,
    edit,
    ...patchTo(scene, text),
    durable: DURABLE,
    impact: 'none',
    ...(lost.length > 0 ? { preconditions: lost } : {}),
  };
}

/** For settings that matter while the helper runs: the process has to read the text anew. */
export function runningTextFix(
  scene: SourcedScene,
  summary: string,
  fresh: string | undefined,
  partial?: TextEdit,
): Fix {
  const fix = editFix(scene, summary, fresh, partial);
  const restart = rolloutRestart(scene);
  if (!fix.commands || !restart) return fix;
  return {
    ...fix,
    commands: [...fix.commands, restart],
    impact: 'rollout',
    preconditions: [...(fix.preconditions ?? []), SPIRE_ISSUES],
  };
}

/** The change of the text without the restart, for a fix that changes the pod template as well. */
export function withoutRestart({ commands = [] }: Fix): readonly KubectlCommand[] {
  return commands.filter(({ args }) => args[0] !== 'rollout');
}

export function patchTo({ source }: SourcedScene, text: string): Required<Pick<Fix, 'patch' | 'commands'>> {
  return {
    patch: { target: source.configMap, type: 'merge', body: { data: { [source.key]: text } } },
    commands: [changeConfigMap(source.configMap, source.key, text)],
  };
}

export function rolloutRestart({ pod }: HelperScene): KubectlCommand | undefined {
  return restartOf(pod)[0];
}

/** A patch of the pod template by container name; it starts a roll-out by itself. */
export function templatePatch(
  { pod }: HelperScene,
  list: 'containers' | 'initContainers',
  container: PatchedContainer,
): Partial<Pick<Fix, 'patch' | 'commands'>> {
  if (!hasTemplate(pod)) return {};
  const spec = { [list]: [container] };
  return {
    patch: { target: pod.workload, type: 'strategic', body: { spec: { template: { spec } } } },
    commands: changeTemplate(pod, spec),
  };
}

/** The container started with other flags. A manifest, a shell's text and a bare pod are left to people: `why`. */
export function otherFlags(
  { pod, helper, view, at }: HelperScene,
  why: string,
  change: (words: readonly string[]) => readonly string[],
): Pick<Fix, 'commands' | 'manual'> {
  const { command, args } = helper.container;
  if (at.fromFiles || view.arguments.wrapped || !hasTemplate(pod)) return { manual: why };
  const [program, ...rest] = command;
  const fresh = change([...rest, ...args]);
  const whole = rest.length > 0 && program !== undefined ? { command: [program], args: fresh } : { args: fresh };
  return { commands: changeTemplate(pod, containerPatch(helper.container, whole)) };
}

interface PatchedContainer {
  readonly name: string;
  readonly [field: string]: string | { readonly httpGet: { readonly port: number } };
}

function shownEdit({ line, before, after }: TextEdit): TextEdit {
  const shown = before.split('\n').map((text) => (hasMaskedValues(text) ? text.replace(/=.*$/, '= …') : text));
  return { line, before: withoutMaskedComments(shown.join('\n')), after: withoutMaskedComments(after) };
}
