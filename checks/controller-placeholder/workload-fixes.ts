import type { Fix } from '../../src/doctor/check.ts';
import type { PlaceholderMount, Shadow } from '../../src/evidence/facts/controller.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { changeTemplate, containerPatch, restartOf, setImage } from '../../src/evidence/workload-change.ts';

interface Mounting {
  readonly pod: PodView;
  readonly container: ContainerView;
  /** Directory of the expected files. */
  readonly directory: string;
  readonly durable: string;
}

/** Shows the ConfigMap in the expected directory; a mount that must go is taken away. */
export function mountPlaceholder(
  { pod, container, directory, durable }: Mounting,
  configMap: ObjectRef,
  volume?: string,
  instead?: PlaceholderMount,
): Fix {
  const name = volume ?? freeVolume(pod);
  const mount = { name, mountPath: directory, readOnly: true };
  const { file, line } = fieldOrigin(pod, instead?.field ?? `${container.path}.volumeMounts`);
  const patch = {
    ...containerPatch(container, {
      volumeMounts: [...(instead ? [{ mountPath: instead.path, $patch: 'delete' }] : []), mount],
    }),
    ...(volume === undefined ? { volumes: [{ name, configMap: { name: configMap.name } }] } : {}),
  };
  const volumeToo =
    volume === undefined ? `\n# and under volumes:\n- name: ${name}\n  configMap:\n    name: ${configMap.name}` : '';
  return {
    summary: `Mount ConfigMap ${configMap.name} at ${directory} in container ${container.name} of the controller.`,
    ...(file === undefined
      ? { commands: changeTemplate(pod, patch) }
      : {
          edit: {
            file,
            ...(line === undefined ? {} : { line }),
            ...(instead ? { before: `mountPath: ${instead.path}` } : {}),
            after: instead
              ? `mountPath: ${directory}`
              : `- name: ${name}\n  mountPath: ${directory}\n  readOnly: true${volumeToo}`,
          },
        }),
    durable,
    impact: 'rollout',
    preconditions: [
      `ConfigMap ${configMap.name} exists in namespace ${pod.ref.namespace ?? 'default'} with a self-signed dummy certificate and its key`,
    ],
  };
}

function freeVolume({ volumes }: PodView): string {
  const usual = 'spiffe-validation-certs';
  return volumes.some(({ name }) => name === usual) ? `${usual}-placeholder` : usual;
}

/** Lets everybody in the container read the files. */
export function readableMode({ pod, durable }: Mounting, volume: string, configMap: ObjectRef): Fix {
  const at = pod.volumes.find(({ name }) => name === volume)?.field;
  const { file, line } = fieldOrigin(pod, at ? `${at}.configMap.defaultMode` : 'spec');
  return {
    summary: 'Mount the ConfigMap with mode 0444; the dummy key in it is no secret.',
    ...(file === undefined
      ? {
          commands: changeTemplate(pod, {
            volumes: [{ name: volume, configMap: { name: configMap.name, defaultMode: 0o444 } }],
          }),
        }
      : { edit: { file, ...(line === undefined ? {} : { line }), after: 'defaultMode: 0444' } }),
    durable,
    impact: 'rollout',
  };
}

export function unmountFromHaproxy({ workload, container, path, origin }: Shadow): Fix {
  const mounts = [{ mountPath: path, $patch: 'delete' }];
  const body = JSON.stringify({
    spec: { template: { spec: { containers: [{ name: container, volumeMounts: mounts }] } } },
  });
  const namespace = workload.namespace === undefined ? {} : { namespace: workload.namespace };
  return {
    summary: `Take the mount at ${path} away from container ${container} of ${workload.kind} ${workload.name}; the placeholder belongs on the controller only.`,
    ...(origin.file === undefined
      ? {
          commands: [
            {
              ...namespace,
              args: ['patch', `${workload.kind.toLowerCase()}/${workload.name}`, '--type=strategic', '--patch', body],
            },
          ],
        }
      : {
          edit: {
            file: origin.file,
            ...(origin.line === undefined ? {} : { line: origin.line }),
            before: `mountPath: ${path}`,
            after: '',
          },
        }),
    durable: 'haproxy.extraVolumeMounts of the Helm values; extraVolumeMounts of the controller is another list',
    impact: 'rollout',
  };
}

export function restartController(pod: PodView): Fix {
  return {
    summary: 'Restart the controller so that it validates anew; HAProxy pods go on with what they have.',
    commands: restartOf(pod),
    impact: 'rollout',
    preconditions: ['the placeholder ConfigMap is right'],
    ...(restartOf(pod).length === 0 ? { manual: 'the controller pod is made by no Deployment' } : {}),
  };
}

/** The same release of HAPTIC with HAProxy 3.2, by the tags that it publishes. */
export function otherHaproxy(pod: PodView, container: ContainerView): Fix {
  const { text, digest, tag = 'this one' } = container.image;
  const image = text.replace(/-haproxy3\.1$/, '-haproxy3.2');
  const commands = digest || image === text || pod.source ? [] : setImage(pod, container, image);
  return {
    summary: `Run a controller image with another HAProxy than ${tag}: 3.1.1 or newer, or 3.2.`,
    durable: 'image.tag of the controller in the Helm values',
    impact: 'rollout',
    ...(commands.length > 0
      ? {
          commands,
          preconditions: [`the registry has ${image}, and HAProxy pods run 3.2 or a configuration that both accept`],
        }
      : { manual: 'which tag is right depends on the release of HAPTIC' }),
  };
}
