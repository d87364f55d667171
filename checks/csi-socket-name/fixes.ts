import type { Fix } from '../../src/doctor/check.ts';
import type { ConfigSource } from '../../src/evidence/facts/helpers.ts';
import { withoutMaskedComments } from '../../src/evidence/helper-config/text-edit.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { changeHelperConfig, changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';

/** Another agent_address in helper.conf; `line` is the 1-based line that has it now. */
export function changeAddress(
  pod: PodView,
  source: ConfigSource,
  line: number | undefined,
  from: string,
  to: string,
): Fix {
  const lines = source.text.split('\n');
  const before = line === undefined ? undefined : lines[line - 1];
  const after =
    before?.includes(from) && from !== ''
      ? before.replace(from, () => to)
      : `${/^\s*/.exec(before ?? '')?.[0] ?? ''}agent_address = ${JSON.stringify(to)}`;
  // A line that only this setting stands on is replaced; without one it is put in front.
  const text =
    line === undefined
      ? [after, ...lines].join('\n')
      : [...lines.slice(0, line - 1), after, ...lines.slice(line)].join('\n');
  const { file, line: first } = source.origin;
  const name = `ConfigMap ${source.configMap.namespace}/${source.configMap.name}`;
  const at = line ?? 1;
  return {
    summary: `Set agent_address to ${to} in ${source.key} of ${name}${file === undefined ? ', then restart the pods: spiffe-helper reads it only when it starts' : ''}.`,
    ...(file === undefined ? changeHelperConfig(pod, source.configMap, source.key, text) : {}),
    edit: {
      file: file ?? `${name}, ${source.key}`,
      line: file === undefined ? at : (first ?? 1) + at - 1,
      ...(before === undefined ? {} : { before: withoutMaskedComments(before) }),
      after: withoutMaskedComments(after),
    },
    durable: 'helper.conf in the ConfigMap of the Helm values (extraDeploy)',
    impact: 'rollout',
  };
}

/** Mounts the Workload API where the helper looks for it; adds the volume when the pod has none. */
export function mountWorkloadApi(
  pod: PodView,
  container: ContainerView,
  directory: string,
  volume: string | undefined,
): Fix {
  const name = volume ?? 'spiffe-workload-api';
  const mount = { name, mountPath: directory, readOnly: true };
  const patch = {
    ...containerPatch(container, { volumeMounts: [mount] }),
    ...(volume === undefined ? { volumes: [{ name, csi: { driver: 'csi.spiffe.io', readOnly: true } }] } : {}),
  };
  const { file, line } = fieldOrigin(pod, `${container.path}.volumeMounts`);
  return {
    summary: `Mount ${volume === undefined ? 'a csi.spiffe.io volume' : `volume ${name}`} at ${directory} in container ${container.name}.`,
    ...(file === undefined
      ? { commands: changeTemplate(pod, patch) }
      : {
          edit: {
            file,
            ...(line === undefined ? {} : { line }),
            after: `- name: ${name}\n  mountPath: ${directory}\n  readOnly: true`,
          },
        }),
    durable: 'haproxy.extraVolumes and the volumeMounts of the container in haproxy.sidecars of the Helm values',
    impact: 'rollout',
  };
}

/** A change of a CSI volume of the pod template. */
export function changeVolume(
  pod: PodView,
  volume: { readonly name: string; readonly field: string },
  csi: { readonly driver: string; readonly readOnly: boolean },
): Fix {
  const { file, line } = fieldOrigin(pod, `${volume.field}.csi`);
  return {
    summary: `Give volume ${volume.name} driver: ${csi.driver} and readOnly: true (on the volume, not only on the mount).`,
    ...(file === undefined
      ? { commands: changeTemplate(pod, { volumes: [{ name: volume.name, csi }] }) }
      : {
          edit: {
            file,
            ...(line === undefined ? {} : { line }),
            after: `csi:\n  driver: ${csi.driver}\n  readOnly: true`,
          },
        }),
    durable: 'haproxy.extraVolumes of the Helm values',
    impact: 'rollout',
  };
}
