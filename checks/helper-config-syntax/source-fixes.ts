import { posix } from 'node:path';
import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { changeConfigMap, changeTemplate, containerPatch, hasTemplate } from '../../src/evidence/workload-change.ts';
import { otherFlags } from './fix.ts';
import { plainConfig } from './plain-values.ts';
import type { HelperScene } from './scene.ts';

const WHERE = '/etc/spiffe-helper/helper.conf';
const FITS =
  'no other ConfigMap of the namespace holds the helper.conf that was meant: the text is made from what HAProxy reads and what the pod mounts';

/** Makes the ConfigMap that the volume names; where the name cannot exist, one that can, and lets the volume name it. */
export function createConfig(scene: HelperScene, configMap: ObjectRef): Pick<Fix, 'commands' | 'preconditions'> {
  const { pod, view } = scene;
  const volume = pod.volumes.find((one) => one.type === 'configMap' && one.configMap === configMap.name);
  const item = volume?.type === 'configMap' ? volume.items[0] : undefined;
  const key = item?.key ?? posix.basename(view.path);
  if (isName(configMap.name))
    return { commands: [apply(configMap, { [key]: plainConfig(scene) })], preconditions: [FITS] };
  const made = { ...configMap, name: `${pod.workload.name}-spiffe-helper-config` };
  const named = { volumes: [{ name: volume?.name ?? '', configMap: { name: made.name } }] };
  if (!volume || !hasTemplate(pod)) return {};
  return {
    commands: [apply(made, { [key]: plainConfig(scene) }), ...changeTemplate(pod, named)],
    preconditions: [FITS],
  };
}

/** Adds the key that is missing to a ConfigMap that exists. */
export function addKey(scene: HelperScene, configMap: ObjectRef): Pick<Fix, 'commands' | 'preconditions'> {
  const command = changeConfigMap(configMap, posix.basename(scene.view.path), plainConfig(scene));
  return { commands: [command], preconditions: [FITS] };
}

/** A text is there, only not where `-config` says. */
export function readElsewhere(scene: HelperScene, path: string): Pick<Fix, 'commands' | 'manual'> {
  return otherFlags(scene, 'either side can be meant', (words) => withConfig(words, path));
}

/** Nothing is mounted where `-config` says: a ConfigMap of its own, and its volume. */
export function mountConfig(scene: HelperScene): Pick<Fix, 'commands' | 'manual' | 'preconditions'> {
  const { pod, view, helper } = scene;
  const [file, directory] = [posix.basename(view.path), posix.dirname(view.path)];
  // A volume over a directory of the image would hide what is in there.
  const path = /^\/etc\/[\w.-]+$/.test(directory) ? `${directory}/${file}` : WHERE;
  const flags = path === view.path ? { commands: [] } : readElsewhere(scene, path);
  if (!flags.commands || !hasTemplate(pod)) return { manual: flags.manual ?? 'the pod is made by no template' };
  const namespace = pod.ref.namespace === undefined ? {} : { namespace: pod.ref.namespace };
  const configMap = { kind: 'ConfigMap', ...namespace, name: `${pod.workload.name}-spiffe-helper-config` };
  const name = 'spiffe-helper-config';
  const mount = { name, mountPath: posix.dirname(path), readOnly: true };
  const change = {
    ...containerPatch(helper.container, { volumeMounts: [mount] }),
    volumes: [{ name, configMap: { name: configMap.name } }],
  };
  const text = apply(configMap, { [posix.basename(path)]: plainConfig(scene) });
  return { commands: [text, ...changeTemplate(pod, change), ...flags.commands], preconditions: [FITS] };
}

function apply(configMap: ObjectRef, data: JsonObject): KubectlCommand {
  const namespace = configMap.namespace === undefined ? {} : { namespace: configMap.namespace };
  const metadata = { name: configMap.name, ...namespace };
  return {
    ...namespace,
    args: ['apply', '-f', '-'],
    stdin: { document: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } },
  };
}

function isName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name);
}

function withConfig(words: readonly string[], path: string): readonly string[] {
  const at = words.findIndex((word) => /^--?config(?:=|$)/.test(word));
  if (at < 0) return ['-config', path, ...words];
  return words.toSpliced(at, words[at]?.includes('=') ? 1 : 2, '-config', path);
}
