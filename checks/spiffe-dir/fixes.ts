import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperDirectory } from '../../src/evidence/facts/spiffe-directory.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import type { Origin } from '../../src/evidence/reading.ts';
import { changeTemplate } from '../../src/evidence/workload-change.ts';

export function missing(pod: PodView, plan: HelperDirectory, seen: string, from: Origin): Finding {
  const { helper, directory = '', volume } = plan;
  const mount = { name: volume?.name ?? '', mountPath: volume?.mountPath ?? '' };
  const image = pod.containers.find(({ role }) => role === 'haproxy')?.image.text ?? 'busybox:1.37';
  const user = helper.runAsUser === null ? {} : { runAsUser: helper.runAsUser, runAsNonRoot: helper.runAsUser !== 0 };
  const container = {
    name: 'create-spiffe-dir',
    image,
    command: ['mkdir', '-p', directory],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...user },
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
    volumeMounts: [mount],
  };
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

export function initFix(pod: PodView, maker: ContainerView): Fix {
  return {
    summary: `See what ${maker.name} says. It needs the volume mounted writable, and the user of the directory that it writes to (the pod's fsGroup).`,
    commands:
      pod.ref.namespace === undefined
        ? []
        : [{ namespace: pod.ref.namespace, args: ['logs', `pod/${pod.ref.name}`, '-c', maker.name] }],
    durable: 'haproxy.initContainers of the Helm values',
    impact: 'rollout',
    manual: 'its log says what it lacks',
  };
}

export function mountFix(pod: PodView, helper: ContainerView, haproxy: ContainerView | undefined): Fix {
  return {
    summary: `Mount the volume that container ${haproxy?.name ?? 'haproxy'} has at /etc/haproxy at the same path in container ${helper.name}, and let cert_dir lie below it.`,
    durable: 'volumeMounts of the container in haproxy.sidecars of the Helm values',
    impact: 'rollout',
    manual: `which of the volumes of ${pod.workload.kind} ${pod.workload.name} is meant is for you to say`,
  };
}

export function advice(summary: string): Fix {
  return {
    summary,
    durable: 'the Helm values of the HAPTIC release',
    impact: 'rollout',
    manual: 'the directory is for you to choose',
  };
}
