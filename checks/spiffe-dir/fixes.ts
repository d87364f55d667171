import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperDirectory } from '../../src/evidence/facts/spiffe-directory.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, MountView, PodView } from '../../src/evidence/pod-view.ts';
import type { Origin } from '../../src/evidence/reading.ts';
import { changeTemplate, containerPatch, hasTemplate } from '../../src/evidence/workload-change.ts';
import { bringTogether, type Layout } from './layout-fixes.ts';

/** An init container that makes the directory and nothing else, as the user who writes there, with an image that is on the node. */
export function directoryMaker(
  pod: PodView,
  helper: ContainerView,
  directory: string,
  mount: JsonObject,
  name = 'create-spiffe-dir',
): JsonObject {
  const image = pod.containers.find(({ role }) => role === 'haproxy')?.image.text ?? 'busybox:1.37';
  const user = helper.runAsUser === null ? {} : { runAsUser: helper.runAsUser, runAsNonRoot: helper.runAsUser !== 0 };
  return {
    name,
    image,
    command: ['mkdir', '-p', directory],
    ...(pod.containers.some((other) => other.name === name && other.args.length > 0) ? { args: null } : {}),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...user },
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
    volumeMounts: [mount],
  };
}

export function missing(pod: PodView, plan: HelperDirectory, seen: string, from: Origin): Finding {
  const { helper, directory = '', volume } = plan;
  const mount = { name: volume?.name ?? '', mountPath: volume?.mountPath ?? '' };
  const container = directoryMaker(pod, helper, directory, mount);
  const use =
    plan.config.state === 'known'
      ? `spiffe-helper in container ${helper.name} writes the SVID`
      : 'HAProxy looks for the SVID';
  const { file, line } = fieldOrigin(pod, pod.from === 'pod' ? 'spec' : 'spec.template.spec');
  return {
    message: 'missing',
    data: { helper: helper.name, directory, use, seen },
    culprit: pod.workload,
    evidence: [
      { from, excerpt: `${directory} in container ${helper.name}: no container makes it in volume ${mount.name}` },
    ],
    fix: {
      summary: `Add an init container that runs mkdir -p ${directory} on volume ${mount.name}.`,
      ...(file === undefined
        ? { commands: changeTemplate(pod, { initContainers: [container] }) }
        : {
            edit: {
              file,
              ...(line === undefined ? {} : { line }),
              after: `initContainers:\n- ${JSON.stringify(container)}`,
            },
          }),
      durable: 'haproxy.initContainers of the Helm values',
      impact: 'rollout',
    },
  };
}

/** Lets a failing init container do nothing but make the directory, writable and as the user who needs it. */
export function initFix({ pod, plan, fromFiles }: Layout, maker: ContainerView): Fix {
  const { helper, directory, volume } = plan;
  const summary = `Let ${maker.name} run mkdir -p ${directory ?? ''} as the user of ${helper.name}, on the volume mounted writable; its log says what it lacks now.`;
  const common = { summary, durable: 'haproxy.initContainers of the Helm values', impact: 'rollout' } as const;
  if (fromFiles || !volume || directory === undefined || maker.place !== 'init' || !hasTemplate(pod))
    return { ...common, manual: 'its log says what it lacks' };
  const mount = { name: volume.name, mountPath: volume.mountPath, readOnly: false };
  const initContainers = [directoryMaker(pod, helper, directory, mount, maker.name)];
  const alone = `${maker.name} does nothing else that the pod needs`;
  // A directory of the node is its maker's, root's as a rule, and fsGroup does not change that.
  if (pod.volumes.find(({ name }) => name === volume.name)?.type === 'hostPath')
    return {
      ...common,
      summary: `${summary} Volume ${volume.name} becomes an emptyDir: no user of the pod owns a directory of the node.`,
      commands: changeTemplate(pod, {
        initContainers,
        volumes: [{ name: volume.name, emptyDir: {}, hostPath: null }],
      }),
      preconditions: [alone, `nothing else needs volume ${volume.name} to outlive the pod`],
    };
  return { ...common, commands: changeTemplate(pod, { initContainers }), preconditions: [alone] };
}

export function mountFix(layout: Layout, haproxy: ContainerView | undefined): Fix {
  return {
    summary: `Mount the volume that container ${haproxy?.name ?? 'haproxy'} has at /etc/haproxy at the same path in container ${layout.plan.helper.name}, and let cert_dir lie below it.`,
    ...bringTogether(layout),
    durable: 'volumeMounts of the container in haproxy.sidecars of the Helm values',
    impact: 'rollout',
  };
}

/** Whatever covers the directory in HAProxy's container goes. */
export function unmountFix({ pod, fromFiles }: Layout, haproxy: ContainerView, hiding: MountView): Fix {
  const away = containerPatch(haproxy, { volumeMounts: [{ mountPath: hiding.path, $patch: 'delete' }] });
  return {
    summary: `Take the mount of ${hiding.volume} out of container ${haproxy.name}; placeholders belong into the controller's pod.`,
    ...(fromFiles || !hasTemplate(pod)
      ? { manual: 'it stands in the pod’s manifest' }
      : { commands: changeTemplate(pod, away) }),
    durable: 'haproxy.extraVolumeMounts of the Helm values',
    impact: 'rollout',
  };
}

export function certDirFix(layout: Layout): Fix {
  return {
    summary: `Set cert_dir to the directory that HAProxy reads, ${layout.expected?.directory ?? '"/etc/haproxy/spiffe"'}.`,
    ...bringTogether(layout),
    durable: 'helper.conf in the ConfigMap of the Helm values (extraDeploy)',
    impact: 'rollout',
  };
}
