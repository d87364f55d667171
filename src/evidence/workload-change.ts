import { hasMaskedValues, withoutMaskedComments } from './helper-config/text-edit.ts';
import type { Json, JsonObject } from './json.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import type { ObjectRef } from './reading.ts';

/** A kubectl call as words. */
interface Words {
  readonly namespace?: string;
  readonly args: readonly string[];
}

const TEMPLATED = ['Deployment', 'DaemonSet', 'StatefulSet'];

/** True when the pod is made from a template that can be changed; a bare pod has to be made anew by hand. */
export function hasTemplate(pod: PodView): boolean {
  return TEMPLATED.includes(pod.workload.kind);
}

/** Empty for a bare pod. */
export function restartOf(pod: PodView): readonly Words[] {
  return hasTemplate(pod) ? [on(pod.workload, ['rollout', 'restart', resource(pod.workload)])] : [];
}

/** A strategic merge of the pod template's spec, in which lists of named things are merged by name. */
export function changeTemplate(pod: PodView, spec: Json): readonly Words[] {
  if (!hasTemplate(pod)) return [];
  const body = JSON.stringify({ spec: { template: { spec } } });
  return [on(pod.workload, ['patch', resource(pod.workload), '--type=strategic', '--patch', body])];
}

/** The container under the key of the list in which it stands. */
export function containerPatch(container: ContainerView, change: JsonObject): JsonObject {
  const list = [{ name: container.name, ...change }];
  return container.place === 'main' ? { containers: list } : { initContainers: list };
}

export function setImage(pod: PodView, container: ContainerView, image: string): readonly Words[] {
  return hasTemplate(pod)
    ? [on(pod.workload, ['set', 'image', resource(pod.workload), `${container.name}=${image}`])]
    : [];
}

/** A merge of one key of a ConfigMap's data. The text must be whole: what redaction masked is not written back. */
export function changeConfigMap(configMap: ObjectRef, key: string, text: string): Words {
  const body = JSON.stringify({ data: { [key]: text } });
  return on(configMap, ['patch', `configmap/${configMap.name}`, '--type=merge', '--patch', body]);
}

/** How helper.conf in a ConfigMap can be given another text, when the text that is known may have been masked. */
export type TextChange =
  | { readonly commands: readonly Words[]; readonly preconditions?: readonly string[] }
  /** Why it cannot be written back whole. */
  | { readonly manual: string };

/** A merge of one key of a ConfigMap's data, then the restart that makes the process read it. */
export function changeHelperConfig(pod: PodView, configMap: ObjectRef, key: string, fresh: string): TextChange {
  if (hasMaskedValues(fresh)) {
    return {
      manual: `${key} holds values that are not kept here, so that it cannot be written back whole: edit it by hand`,
    };
  }
  const text = withoutMaskedComments(fresh);
  const commands = [changeConfigMap(configMap, key, text), ...restartOf(pod)];
  return text === fresh
    ? { commands }
    : { commands, preconditions: [`comments in ${key} may go: the patch sets the text without them`] };
}

function on(ref: ObjectRef, args: readonly string[]): Words {
  return ref.namespace === undefined ? { args } : { namespace: ref.namespace, args };
}

function resource(ref: ObjectRef): string {
  return `${ref.kind.toLowerCase()}/${ref.name}`;
}
